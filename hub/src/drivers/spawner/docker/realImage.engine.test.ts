import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { join } from 'node:path';
import { dockerHarness, type DockerHarness } from '../../../../test/engine/dockerHarness.ts';
import { AGENT_PORT, type ServerRef } from '../../../domains/servers/spawner.ts';
import { ImageBuilder } from '../../images/index.ts';
import { eventually, testSpec } from '../conformance.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..', '..');
const signal = () => AbortSignal.timeout(60_000);
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

describe('the base image with its agent', () => {
  const ask = async (ref: ServerRef, path: string, secret?: string) => {
    const endpoint = await harness.spawner.endpoint(ref, AGENT_PORT, signal());
    const headers = secret === undefined ? undefined : { 'x-davit-secret': secret };
    return fetch(`http://${endpoint?.host}:${endpoint?.port}${path}`, { headers });
  };

  it('answers with the server’s secret, has its links to the work files, and keeps them over containers', async () => {
    const spec = testSpec(image, { editors: [] });
    const first = await harness.spawner.ensure(spec, signal());
    const status = await eventually(() => ask(first, '/__davit/status', spec.secret).catch(() => undefined));
    expect(await status.json()).toMatchObject({ contract: 1, editors: [], oomKills: 0 });
    expect((await ask(first, '/__davit/status')).status).toBe(403);

    const { output } = await harness.inside(
      first,
      `fs.writeFileSync(process.env.HOME + '/work/kept', 'mine');
       print([fs.realpathSync(process.env.HOME + '/work'), fs.realpathSync('/data/user'), fs.readFileSync('/data/private/default/kept', 'utf8')])`,
    );
    expect(JSON.parse(output)).toEqual(['/data/private/default', '/data/private/default', 'mine']);

    const began = performance.now();
    await harness.spawner.remove(first, signal());
    // Well below the grace of 10 s: the first process passes the end on and the agent obeys.
    expect(performance.now() - began).toBeLessThan(8_000);
    const second = await harness.spawner.ensure({ ...spec, generation: 2 }, signal());
    expect((await harness.inside(second, `print(fs.readFileSync('/data/user/kept', 'utf8'))`)).output).toBe('mine');
  });

  it('goes on when a program in it is killed for lack of memory', async () => {
    const spec = testSpec(image, { editors: [] });
    const ref = await harness.spawner.ensure(spec, signal());
    await eventually(() => ask(ref, '/__davit/status', spec.secret).catch(() => undefined));
    const { code } = await harness.inside(ref, `const hog = []; for (;;) hog.push(Buffer.alloc(16e6, 1));`);
    expect(code).not.toBe(0);
    const status = (await (await ask(ref, '/__davit/status', spec.secret)).json()) as { oomKills: number };
    expect(status.oomKills).toBeGreaterThan(0);
    const servers = await harness.spawner.list(signal());
    expect(servers.find((server) => server.ref.engineId === ref.engineId)?.state).toBe('running');
  });
});
