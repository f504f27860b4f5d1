import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { join } from 'node:path';
import { dockerHarness, type DockerHarness } from '../../../../test/engine/dockerHarness.ts';
import type { LaunchSpec, ServerRef } from '../../../domains/servers/spawner.ts';
import { ImageBuilder } from '../../images/index.ts';
import { eventually, testSpec } from '../conformance.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..', '..');
// The image is built when it is not there; the command that runs all tests builds it before.
jest.setTimeout(900_000);

let harness: DockerHarness;
let image: { ref: string; digest: string };
beforeAll(async () => {
  harness = await dockerHarness();
  const workDir = join(harness.dataDir, 'run', 'images');
  const builder = await ImageBuilder.create({ engine: harness.engine.cli, imagesDir: join(ROOT, 'images'), workDir });
  image = await builder.ensure('base');
});
afterAll(() => harness.dispose());

const start = (launch: Partial<LaunchSpec>): Promise<ServerRef> => {
  const plain = { sudo: false, environment: {}, command: undefined };
  const spec = testSpec(image, { editors: [], launch: { ...plain, ...launch } });
  return harness.spawner.ensure(spec, AbortSignal.timeout(60_000));
};

/** Runs a shell line in a container as its user. */
async function shell(ref: ServerRef, line: string): Promise<{ status: number; output: string }> {
  const script = `const { status, stdout, stderr } = require('node:child_process').spawnSync('sh', ['-c', ${JSON.stringify(line)}]);
    print({ status, output: String(stdout) + String(stderr) });`;
  return JSON.parse((await harness.inside(ref, script)).output) as { status: number; output: string };
}

/** What a process of the user may do by itself, and what a program that belongs to root may give it. */
const CAPABILITIES = `grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb)' /proc/self/status`;
const NOTHING = '0000000000000000';
const NET_RAW = 1n << 13n;
const MKNOD = 1n << 27n;
const SYS_ADMIN = 1n << 21n;

describe('a server whose image an admin allows sudo', () => {
  it('makes its user root inside by sudo, and in no other way', async () => {
    const ref = await start({ sudo: true });
    expect(await shell(ref, 'id -u; sudo -n id -u')).toEqual({ status: 0, output: '1000\n0\n' });
    expect(await shell(ref, 'sudo -n touch /usr/local/bin/tool && ls /usr/local/bin/tool')).toMatchObject({
      status: 0,
    });
    expect(await shell(ref, 'touch /usr/local/bin/other')).toMatchObject({ status: 1 });
    const { output } = await shell(ref, CAPABILITIES);
    const of = (name: string): string => new RegExp(`^Cap${name}:\\s+(\\w+)$`, 'm').exec(output)?.[1] ?? '';
    expect([of('Prm'), of('Eff'), of('Amb')]).toEqual([NOTHING, NOTHING, NOTHING]);
    expect(BigInt(`0x${of('Bnd')}`) & (NET_RAW | MKNOD | SYS_ADMIN)).toBe(0n);
    expect((await shell(ref, 'sudo -n mknod /tmp/disk b 8 0')).status).not.toBe(0);
  });

  it('has no use for sudo elsewhere', async () => {
    const ref = await start({});
    const { status, output } = await shell(ref, 'sudo -n id -u');
    expect(status).not.toBe(0);
    expect(output).toContain('no new privileges');
  });
});

describe('environment and command of an image', () => {
  it('reach the programs inside; the command runs as the user in the work directory once the server may go', async () => {
    const command = ['sh', '-c', 'echo "$(id -u) $(pwd -P) $GREETING" > told; exec sleep 1000'];
    const ref = await start({ environment: { GREETING: 'two words' }, command });
    const told = await eventually(async () => {
      const { status, output } = await shell(ref, 'cat /data/user/told');
      return status === 0 && output !== '' ? output : undefined;
    });
    expect(told).toBe('1000 /data/private/default two words\n');
  });

  it('is started again when it ends with a fault, and lives no longer than the server', async () => {
    const ref = await start({ command: ['sh', '-c', 'echo x >> times; exit 7'] });
    await eventually(async () => {
      const { output } = await shell(ref, 'wc -l < /data/user/times');
      return Number(output) >= 2 || undefined;
    });
    const began = performance.now();
    await harness.spawner.remove(ref, AbortSignal.timeout(60_000));
    expect(performance.now() - began).toBeLessThan(9_000);
  });
});
