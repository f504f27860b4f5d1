import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  deleteServer,
  exportUsage,
  getServerMetrics,
  getUsageSummary,
  listUsage,
  type ServerMetrics,
  type UsageRow,
} from '@davit/contract';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from './hubClient.ts';
import { containersOf, ENGINE } from './hubServers.ts';
import { HubProcess } from './hubProcess.ts';

const run = promisify(execFile);
const BUSY_CORES = 0.1;

/** Start and end of a container in the engine's own words, in ms; the end is undefined while it runs. */
async function lifeOf(container: string): Promise<{ from: number; to: number | undefined }> {
  const { stdout } = await run(ENGINE, ['inspect', container]);
  const [{ State }] = JSON.parse(stdout) as [{ State: { Running: boolean; StartedAt: string; FinishedAt: string } }];
  return { from: Date.parse(State.StartedAt), to: State.Running ? undefined : Date.parse(State.FinishedAt) };
}

describe('usage of real containers', () => {
  let hub: HubProcess;
  let ada: Person;
  let bob: Person;

  beforeAll(async () => {
    hub = await HubProcess.start();
    const admin = await signIn(hub);
    [ada, bob] = [await newPerson(hub, admin, 'ada'), await newPerson(hub, admin, 'bob')];
  }, 660_000);

  afterAll(async () => {
    await deleteAllServers(ada);
    await hub.dispose();
  }, 120_000);

  async function usageOf(serverId: string): Promise<UsageRow | undefined> {
    const { items } = await ada.call(listUsage, { query: { by: 'server' } });
    return items.find((row) => row.serverId === serverId);
  }

  it('grows while a server runs, is measured live, and is seen by nobody else', async () => {
    const { id } = await newServer(ada, 'jupyterlab', 'measured');
    await untilPhase(ada, id, ['running'], 600_000);
    const [container = ''] = await containersOf(id);
    const busy = 'until [ -e /tmp/enough ]; do :; done';
    await run(ENGINE, ['exec', '--detach', container, 'timeout', '300', 'sh', '-c', busy]);
    const first = await usageOf(id);
    const cores: number[] = [];
    let metrics: ServerMetrics | undefined;
    const deadline = Date.now() + 120_000;
    // An idle JupyterLab uses a hundredth of a core; a busy machine gives no more than some of one.
    while (!cores.some((used) => used > BUSY_CORES) && Date.now() < deadline) {
      await sleep(1000);
      metrics = await ada.call(getServerMetrics, { params: { id } });
      cores.push(...metrics.samples.flatMap(({ cpu }) => cpu ?? []));
    }
    expect(Math.max(...cores)).toBeGreaterThan(BUSY_CORES);
    await run(ENGINE, ['exec', container, 'touch', '/tmp/enough']);
    expect(metrics?.samples.at(-1)?.memoryBytes).toBeGreaterThan(5_000_000);
    expect(metrics?.samples.at(-1)?.gpu).toBeNull();
    const second = await usageOf(id);
    expect(second?.minutes).toBeGreaterThan(first?.minutes ?? 0);
    expect(second?.cpuCoreMinutes).toBeCloseTo(second?.minutes ?? 0, 6);
    await expect(bob.call(getServerMetrics, { params: { id } })).rejects.toThrow('There is no server');
    await expect(bob.call(listUsage, { query: { server: id } })).rejects.toThrow('There is no server');
    expect((await bob.call(getUsageSummary, { query: {} })).range.minutes).toBe(0);
  }, 720_000);

  it('is the life of the container by the engine’s clock, though it ended while the hub was down', async () => {
    const { id } = await newServer(ada, 'jupyterlab', 'outlived');
    await untilPhase(ada, id, ['running'], 240_000);
    const [container = ''] = await containersOf(id);
    await hub.kill('SIGKILL');
    await sleep(3000);
    await run(ENGINE, ['kill', container]);
    const { from, to = 0 } = await lifeOf(container);
    await sleep(3000);
    await hub.launch();
    await untilPhase(ada, id, ['failed'], 60_000);
    const row = await usageOf(id);
    expect(row?.since).toBe(new Date(from).toISOString());
    expect((row?.minutes ?? 0) * 60_000).toBeCloseTo(to - from, 0);
    await ada.call(deleteServer, { params: { id } });
    const deadline = Date.now() + 60_000;
    while ((await containersOf(id)).length > 0 && Date.now() < deadline) await sleep(500);
    expect(await usageOf(id)).toEqual({ ...row, serverDeleted: true });
    const csv = await ada.call(exportUsage, { query: { by: 'server' } });
    expect(csv).toContain(`outlived,${id},true,`);
  }, 300_000);

  it('ends at the last sight of a container that the engine lost', async () => {
    const { id } = await newServer(ada, 'jupyterlab', 'lost');
    await untilPhase(ada, id, ['running'], 240_000);
    const [container = ''] = await containersOf(id);
    const { from } = await lifeOf(container);
    await sleep(3000);
    await hub.kill('SIGKILL');
    const down = Date.now();
    await run(ENGINE, ['kill', container]);
    await run(ENGINE, ['rm', '--force', container]);
    await sleep(4000);
    await hub.launch();
    await untilPhase(ada, id, ['failed'], 90_000);
    const lasted = ((await usageOf(id))?.minutes ?? 0) * 60_000;
    // The first minute is not yet written down when the hub is killed; what nobody can know is not counted.
    expect(lasted).toBeGreaterThanOrEqual(0);
    expect(lasted).toBeLessThanOrEqual(down - from);
  }, 300_000);
});
