import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deleteServer, getMe, getServer, openServer, type Server } from '@davit/contract';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from './hubClient.ts';
import { containersOf, enterServer, type Browserish } from './hubServers.ts';
import { engineGate, type EngineGate } from './engine/engineGate.ts';
import { freePort, HubProcess } from './hubProcess.ts';
import { until } from './until.ts';

const run = promisify(execFile);

describe('a hub that meets faults', () => {
  let hub: HubProcess;
  let ada: Person;
  let bob: Person;
  let bobsServer: Server;
  let bobsBrowser: Browserish;
  let gate: EngineGate;

  beforeAll(async () => {
    // With a PostgreSQL of its own, which is restarted and outlives the hub.
    gate = await engineGate();
    hub = await HubProcess.start({ DATABASE_URL: '', ...gate.env });
    const admin = await signIn(hub);
    [ada, bob] = [await newPerson(hub, admin, 'ada'), await newPerson(hub, admin, 'bob')];
    bobsServer = await newServer(bob, 'jupyterlab', 'bystander');
    bobsServer = await untilPhase(bob, bobsServer.id, ['running'], 600_000);
    bobsBrowser = await enterServer(hub, await bob.call(openServer, { params: { id: bobsServer.id }, body: {} }));
  }, 660_000);

  afterAll(async () => {
    await Promise.all([ada, bob].map(deleteAllServers));
    await hub.dispose();
    await gate.dispose();
  }, 120_000);

  /** The bystander's container is the one from the beginning, and its JupyterLab answers its owner. */
  async function expectBystanderUnharmed(): Promise<void> {
    const now = await untilPhase(bob, bobsServer.id, ['running'], 60_000);
    expect({ generation: now.generation, startedAt: now.startedAt }).toEqual({
      generation: bobsServer.generation,
      startedAt: bobsServer.startedAt,
    });
    expect(await bobsBrowser.status('/jupyterlab/api/kernels')).toBe(200);
  }

  // The late ones of an image that still starts then; the other one starts sooner.
  it.each([
    [0, 'code-server'],
    [60, 'code-server'],
    [150, 'code-server'],
    [400, 'code-server'],
    [900, 'jupyterlab'],
    [2000, 'jupyterlab'],
  ])(
    'ends in one running container when it is killed %i ms after a server from the image %s was asked for',
    async (delay, image) => {
      const server = await newServer(ada, image, `crash-${String(delay)}`);
      await sleep(delay);
      await hub.kill('SIGKILL');
      await hub.launch();
      await untilPhase(ada, server.id, ['running']);
      expect(await containersOf(server.id)).toHaveLength(1);
      await expectBystanderUnharmed();
      await ada.call(deleteServer, { params: { id: server.id } });
    },
    120_000,
  );

  it('finishes a removal during which it was killed', async () => {
    const server = await newServer(ada, 'code-server', 'crash-on-delete');
    await untilPhase(ada, server.id, ['running']);
    await ada.call(deleteServer, { params: { id: server.id } });
    await sleep(50);
    await hub.kill('SIGKILL');
    await hub.launch();
    const deadline = Date.now() + 60_000;
    while ((await containersOf(server.id)).length > 0 && Date.now() < deadline) await sleep(500);
    expect(await containersOf(server.id)).toHaveLength(0);
    await expect(ada.call(getServer, { params: { id: server.id } })).rejects.toThrow(
      /no such server|not found|There is no/i,
    );
    await expectBystanderUnharmed();
  }, 120_000);

  it('answers again after PostgreSQL was restarted under load', async () => {
    const answers: number[] = [];
    let asking = true;
    const load = Array.from({ length: 8 }, async () => {
      while (asking) {
        const response = await fetch(`${hub.url}/api/v1/servers`, { headers: { cookie: ada.cookie } }).catch(
          () => undefined,
        );
        answers.push(response?.status ?? 0);
        await response?.arrayBuffer();
      }
    });
    await sleep(500);
    await restartPostgres(hub);
    await sleep(2000);
    asking = false;
    await Promise.all(load);
    // Away, and nothing else: 500 would call it a fault of the hub.
    expect(answers.filter((status) => ![200, 503].includes(status))).toEqual([]);
    expect(answers.at(-1)).toBe(200);
    expect((await ada.call(getMe, {})).user.name).toBe('ada');
    await expectBystanderUnharmed();
  }, 60_000);

  it('starts its PostgreSQL again when that has died, and answers again', async () => {
    const data = join(hub.dataDir, 'postgres', 'data');
    const before = postmasterPid(data);
    process.kill(before, 'SIGKILL');
    await until(async () => !(await hub.ready()), 20_000);
    await until(() => hub.ready());
    expect(postmasterPid(data)).not.toBe(before);
    expect((await ada.call(getMe, {})).user.name).toBe('ada');
    await expectBystanderUnharmed();
  }, 120_000);

  it('lets no second hub onto its data directory, and goes on', async () => {
    const postgres = postmasterPid(join(hub.dataDir, 'postgres', 'data'));
    for (const port of [hub.port, await freePort()]) {
      const { code, output } = await hub.launchAnother({ DAVIT_PORT: String(port) });
      expect({ code, output }).toEqual({
        code: 1,
        output: expect.stringContaining(`process ${String(hub.pid)} uses the data directory ${hub.dataDir}.`),
      });
      expect(await hub.ready()).toBe(true);
    }
    expect(postmasterPid(join(hub.dataDir, 'postgres', 'data'))).toBe(postgres);
    await expectBystanderUnharmed();
  }, 120_000);

  it('calls servers unknown while the engine does not answer, kills none, and stays ready', async () => {
    const before = await containersOf(bobsServer.id);
    gate.shut(hub);
    try {
      await untilPhase(bob, bobsServer.id, ['unknown'], 60_000);
      expect(await bobsBrowser.status('/jupyterlab/api/kernels')).toBe(200);
      const answer = await hub.fetch('/readyz');
      expect({ status: answer.status, ...((await answer.json()) as object) }).toEqual({
        status: 200,
        ready: true,
        checks: { database: 'ok', engine: 'does not answer' },
      });
    } finally {
      gate.open(hub);
    }
    await expectBystanderUnharmed();
    expect(await containersOf(bobsServer.id)).toEqual(before);
  }, 150_000);

  it('leaves servers running when it ends, and takes them over when it starts', async () => {
    expect(await hub.kill('SIGINT')).toBe(0);
    expect(await containersOf(bobsServer.id)).toHaveLength(1);
    await hub.launch();
    await expectBystanderUnharmed();
  }, 60_000);
});

async function restartPostgres(hub: HubProcess): Promise<void> {
  const data = join(hub.dataDir, 'postgres', 'data');
  const pid = postmasterPid(data);
  const options = readFileSync(join(data, 'postmaster.opts'), 'utf8').trim();
  const postgres = options.split(' ')[0] ?? '';
  const uid = process.getuid?.() === 0 ? (await run('stat', ['-c', '%u', data])).stdout.trim() : undefined;
  const identity = uid === undefined ? {} : { uid: Number(uid) };
  await run(join(postgres, '..', 'pg_ctl'), ['-D', data, '-m', 'fast', '-w', 'restart', '-l', '/dev/null'], identity);
  expect(postmasterPid(data)).not.toBe(pid);
}

function postmasterPid(data: string): number {
  return Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
}
