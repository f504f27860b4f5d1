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

  /** Resident memory of the agent in kB: the process that listens for the hub, and not the tini before it. */
  const agentKb = async (ref: ServerRef): Promise<number> => {
    const { output } = await harness.inside(
      ref,
      `const isAgent = (pid) => fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0').some((part) => part.startsWith('/opt/davit/agent.'));
       const pids = fs.readdirSync('/proc').filter((pid) => Number(pid) > 1 && isAgent(pid));
       print(pids.map((pid) => Number(/^VmRSS:\\s+(\\d+) kB$/m.exec(fs.readFileSync('/proc/' + pid + '/status', 'utf8'))[1])))`,
    );
    const sizes = JSON.parse(output) as number[];
    expect(sizes).toHaveLength(1);
    return sizes[0]!;
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

  it('has an agent that stays below 60 MB, also after 2,000 requests to an app on a port', async () => {
    const spec = testSpec(image, { editors: [] });
    const ref = await harness.spawner.ensure(spec, signal());
    await eventually(() => ask(ref, '/__davit/status', spec.secret).catch(() => undefined));
    await harness.inside(
      ref,
      `require('node:child_process').spawn(process.execPath, ['-e', "require('node:http').createServer((_, answer) => answer.end('hello')).listen(8080, '127.0.0.1')"], { detached: true, stdio: 'ignore' }).unref()`,
    );
    const get = async () => {
      const answer = await ask(ref, '/port/8080/', spec.secret);
      return (await answer.text()) === 'hello' || undefined;
    };
    await eventually(() => get().catch(() => undefined));
    expect(await agentKb(ref)).toBeLessThan(60_000);
    for (let turn = 0; turn < 2000; turn += 1) await get();
    expect(await agentKb(ref)).toBeLessThan(60_000);
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
