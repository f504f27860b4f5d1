import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  buildImage,
  cancelImageJob,
  createServer,
  createSession,
  deleteCurrentSession,
  deleteServer,
  getImageJob,
  getImageJobLog,
  getServer,
  getServerLogs,
  getServerMetrics,
  getSettings,
  listServers,
  openServer,
  stopServer,
  updateSettings,
  type ApiError,
  type Server,
} from '@davit/contract';
import { QueryTypes } from 'sequelize';
import { openWebSocket, replicaBed, type ReplicaBed } from './engine/replicaBed.ts';
import { deleteAllServers, imageNamed, newServer, signIn, untilPhase, type Person } from './hubClient.ts';
import type { HubProcess } from './hubProcess.ts';
import { containersOf, containersOfAll, enterServer, type Browserish } from './hubServers.ts';
import { until } from './until.ts';

const KERNELS = '/jupyterlab/api/kernels';
const EVENTS = '/jupyterlab/api/events/subscribe';

let bed: ReplicaBed;
let ada: Person;
let bob: Person;
/** Runs from the beginning to the end; nothing that happens to the hubs may touch it. */
let bystander: Server;
let bystanderContainers: string[];
let bobsBrowser: Browserish;

beforeAll(async () => {
  bed = await replicaBed({ DAVIT_DRAIN_SECONDS: '1' });
  [ada, bob] = [await bed.person('ada'), await bed.person('bob')];
  const { id } = await newServer(bob, 'jupyterlab', 'bystander');
  bystander = await untilPhase(bob, id, ['running'], 600_000);
  bystanderContainers = await containersOf(id);
  bobsBrowser = await enter(bed.hubs[0], bob, id);
}, 700_000);

afterAll(async () => {
  await Promise.all([ada, bob].map(deleteAllServers));
  await bed.dispose();
}, 180_000);

async function enter(hub: HubProcess, person: Person, id: string): Promise<Browserish> {
  return enterServer(hub, await person.call(openServer, { params: { id }, body: {} }));
}

/** The bystander's container is the one from the beginning, and each hub that runs leads its owner to it. */
async function expectBystanderUnharmed(hubs: readonly HubProcess[] = bed.hubs): Promise<void> {
  const now = await untilPhase(bob, bystander.id, ['running'], 60_000);
  expect([now.generation, now.startedAt]).toEqual([bystander.generation, bystander.startedAt]);
  expect(await containersOf(bystander.id)).toEqual(bystanderContainers);
  for (const hub of hubs) await until(async () => (await statusAt(hub, bobsBrowser, KERNELS)) === 200);
}

async function statusAt(hub: HubProcess, { host, cookie }: Browserish, path: string): Promise<number> {
  return (await hub.fetch(path, { host, headers: { cookie } })).status;
}

describe('two hubs on one database', () => {
  it('agree on who acts, and both are ready', async () => {
    const { leader, follower } = await bed.roles();
    expect([await leader.ready(), await follower.ready()]).toEqual([true, true]);
    await expectBystanderUnharmed();
  });

  it('start a server that was asked for at the one that does not act, and both lead into it', async () => {
    const { leader, follower } = await bed.roles();
    const image = await imageNamed(ada, 'jupyterlab');
    const page = await bed.page(ada, follower);
    const asked = Date.now();
    const { id } = await bed.at(follower, ada)(createServer, { body: { name: 'by-follower', imageId: image.id } });
    await until(async () => (await bed.at(leader, ada)(getServer, { params: { id } })).phase !== 'queued', 20_000);
    // By the word of the other hub: its own look comes every ten seconds.
    expect(Date.now() - asked).toBeLessThan(5_000);
    await untilPhase(ada, id, ['running']);
    const browser = await enter(leader, ada, id);
    for (const hub of [leader, follower]) await until(async () => (await statusAt(hub, browser, KERNELS)) === 200);
    // What the page at the other hub shows in the end is all there, without asking again and again.
    await until(async () => (await shownAt(follower, id)).readyEditors.includes('jupyterlab'));
    expect(page.heard.some((event) => event.type === 'server' && event.id === id)).toBe(true);
    const logs = await bed.at(follower, ada)(getServerLogs, { params: { id }, query: {} });
    expect([logs.source, logs.lines.length > 0]).toEqual(['container', true]);
    const figures = async () => (await bed.at(follower, ada)(getServerMetrics, { params: { id } })).samples.length;
    await until(async () => (await figures()) > 1);
    await bed.at(follower, ada)(deleteServer, { params: { id } });
    await until(async () => (await containersOf(id)).length === 0);
  }, 240_000);

  const shownAt = (hub: HubProcess, id: string) => bed.at(hub, ada)(getServer, { params: { id } });

  it('tell pages at each of them of what is done at the other', async () => {
    const [first, second] = bed.hubs;
    for (const [at, other] of [
      [first, second],
      [second, first],
    ] as const) {
      const page = await bed.page(ada, other);
      const image = await imageNamed(ada, 'jupyterlab');
      const { id } = await bed.at(at, ada)(createServer, {
        body: { name: `told-${String(at.port)}`, imageId: image.id, start: false },
      });
      await until(() => page.heard.some((event) => event.id === id), 20_000);
      await bed.at(other, ada)(deleteServer, { params: { id } });
    }
  }, 60_000);

  it('see each other’s settings at once', async () => {
    const [first, second] = bed.hubs;
    await bed.at(second, bed.admin)(getSettings, {});
    await bed.at(first, bed.admin)(updateSettings, { body: { sessionHours: 77 } });
    await until(async () => (await bed.at(second, bed.admin)(getSettings, {})).sessionHours === 77, 2_000);
  });

  it('end a session everywhere: its pages and its WebSockets into servers at both hubs', async () => {
    const mine = await signIn(bed, 'bob', 'bob-and-a-password');
    const browser = await enter(bed.hubs[0], mine, bystander.id);
    const [here, there] = bed.hubs;
    const pages = [await bed.page(mine, here), await bed.page(mine, there)];
    const sockets = [await openWebSocket(here, browser, EVENTS), await openWebSocket(there, browser, EVENTS)];
    const others = await openWebSocket(there, bobsBrowser, EVENTS);
    expect([await statusAt(here, browser, KERNELS), await statusAt(there, browser, KERNELS)]).toEqual([200, 200]);
    await bed.at(here, mine)(deleteCurrentSession, {});
    await Promise.all(sockets.map((socket) => socket.closed));
    await until(() => pages.every(({ socket }) => !socket.connected), 20_000);
    expect([await statusAt(here, browser, KERNELS), await statusAt(there, browser, KERNELS)]).not.toContain(200);
    await expect(bed.at(there, mine)(listServers, {})).rejects.toThrow();
    expect(others.isOpen()).toBe(true);
    others.close();
  }, 60_000);

  it('count wrong passwords together', async () => {
    const guess = (hub: HubProcess) =>
      bed
        .at(hub, { cookie: '' })(createSession, { body: { name: 'nobody-here', password: 'wrong password' } })
        .then(
          () => 200,
          (error: unknown) => (error as ApiError).problem.status,
        );
    for (let i = 0; i < 10; i += 1) expect(await guess(bed.hubs[i % 2]!)).toBe(401);
    expect([await guess(bed.hubs[0]), await guess(bed.hubs[1])]).toEqual([429, 429]);
  }, 60_000);

  it('show a job of the acting hub at both, and cancel it from the other', async () => {
    const { leader, follower } = await bed.roles();
    const base = await imageNamed(bed.admin, 'jupyterlab');
    const dockerfile = 'ARG BASE\nFROM ${BASE}\nRUN echo first words; sleep 600\n';
    const image = { name: 'endless', version: '1', description: '' };
    const asked = bed.at(follower, bed.admin);
    const { id } = await asked(buildImage, { body: { ...image, baseId: base.id, dockerfile } });
    const log = async (hub: HubProcess) =>
      (await bed.at(hub, bed.admin)(getImageJobLog, { params: { id }, query: { after: 0 } })).lines.join('\n');
    for (const hub of [leader, follower]) await until(async () => (await log(hub)).includes('first words'), 120_000);
    await asked(cancelImageJob, { params: { id } });
    await until(async () => (await bed.at(leader, bed.admin)(getImageJob, { params: { id } })).phase === 'cancelled');
  }, 240_000);
});

/** What was answered while hubs came and went. */
interface Ledger {
  created: Set<string>;
  deleted: Set<string>;
  /** Deletes that were asked for and not answered: either is right. */
  unsure: Set<string>;
  failures: number;
}

/** People who create and delete, at whichever hub answers, until told to stop. */
function beginLoad(imageId: string, workers = 4): { ledger: Ledger; stop: () => Promise<void> } {
  const ledger: Ledger = { created: new Set(), deleted: new Set(), unsure: new Set(), failures: 0 };
  let [going, count] = [true, 0];
  const work = async (worker: number): Promise<void> => {
    while (going) {
      const number = (count += 1);
      const start = number % 12 === 1;
      try {
        const name = `load-${String(worker)}-${String(number)}-${String(Date.now())}`;
        const size = { cpu: 0.1, memoryMb: 256, gpu: 0 };
        const { id } = await ada.call(createServer, { body: { name, imageId, start, resources: size } });
        ledger.created.add(id);
        if (number % 3 === 0) await remove(id);
      } catch {
        ledger.failures += 1;
        await sleep(100);
      }
      await sleep(150);
    }
  };
  const remove = async (id: string): Promise<void> => {
    ledger.unsure.add(id);
    await ada.call(deleteServer, { params: { id } });
    ledger.unsure.delete(id);
    ledger.deleted.add(id);
  };
  const all = Array.from({ length: workers }, (_, worker) => work(worker));
  return {
    ledger,
    stop: async () => {
      going = false;
      await Promise.all(all);
    },
  };
}

/** Every acknowledged write is there, every wanted container exactly once, and nothing else. */
async function expectLedgerKept({ created, deleted, unsure }: Ledger): Promise<void> {
  const list = async () => (await ada.call(listServers, { query: { limit: 200 } })).items;
  const settled = async () =>
    (await list()).every(({ phase }) => ['running', 'stopped', 'failed'].includes(phase)) &&
    (await list()).every(({ id }) => !deleted.has(id));
  await until(settled, 180_000);
  const servers = await list();
  const kept = [...created].filter((id) => !deleted.has(id) && !unsure.has(id));
  expect(servers.map(({ id }) => id)).toEqual(expect.arrayContaining(kept));
  expect(servers.filter(({ phase }) => phase === 'failed')).toEqual([]);
  const containers = await containersOfAll(servers.map(({ id }) => id));
  for (const { id, phase } of servers)
    expect([id, containers.get(id)?.length]).toEqual([id, phase === 'running' ? 1 : 0]);
  await until(async () => [...(await containersOfAll([...deleted])).values()].every((own) => own.length === 0));
}

describe('when the hub that acts goes', () => {
  it.each([0, 400, 2000])(
    'loses nothing by a crash %i ms into a load of creates and deletes, and the other goes on',
    async (delay) => {
      const { leader, follower } = await bed.roles();
      // The one that starts soonest: many are started, and what is lost or not is the hubs' doing.
      const { id: imageId } = await imageNamed(ada, 'code-server');
      const { ledger, stop } = beginLoad(imageId);
      await until(() => ledger.created.size > 1);
      await sleep(delay);
      await leader.kill('SIGKILL');
      const killed = Date.now();
      await until(async () => (await bed.roles()).leader === follower, 60_000);
      expect(Date.now() - killed).toBeLessThan(25_000);
      await sleep(1000);
      await stop();
      await expectLedgerKept(ledger);
      await expectBystanderUnharmed([follower]);
      await leader.launch();
      await expectBystanderUnharmed();
      await deleteAllServers(ada);
    },
    360_000,
  );

  it('hands over within seconds when it ends in order, and pages connect to the other by themselves', async () => {
    const { leader, follower } = await bed.roles();
    const pages = await Promise.all(Array.from({ length: 4 }, () => bed.page(ada)));
    let reconnected = 0;
    for (const { socket } of pages) socket.on('connect', () => (reconnected += 1));
    const began = Date.now();
    const ended = leader.kill('SIGTERM');
    await until(async () => (await leader.fetch('/readyz').catch(() => undefined))?.status === 503, 5_000);
    await until(async () => (await bed.roles()).leader === follower, 20_000);
    // Without a word the other hub would wait for the lease to run out, which is at least 7.5 s.
    expect(Date.now() - began).toBeLessThan(7_000);
    expect(await ended).toBe(0);
    await until(() => pages.every(({ socket }) => socket.connected), 30_000);
    expect(reconnected).toBeGreaterThan(0);
    const { id } = await newServer(ada, 'jupyterlab', 'after', false);
    await until(() => pages.every(({ heard }) => heard.some((event) => event.id === id)), 20_000);
    await expectBystanderUnharmed([follower]);
    await leader.launch();
    await expectBystanderUnharmed();
    await ada.call(deleteServer, { params: { id } });
  }, 120_000);

  it('does no harm when it was frozen, wakes up after the other took over, and still had work in its hands', async () => {
    const { leader, follower } = await bed.roles();
    const image = await imageNamed(ada, 'code-server');
    const create = (hub: HubProcess, name: string) =>
      bed.at(hub, ada)(createServer, { body: { name, imageId: image.id } });
    const early = await Promise.all(['one', 'two', 'three'].map((name) => create(leader, `frozen-${name}`)));
    await sleep(400);
    leader.freeze();
    await until(async () => /^davit_acts 1$/m.test(await (await follower.fetch('/metrics')).text()), 40_000);
    const late = await create(follower, 'while-frozen');
    const atFollower = bed.at(follower, ada);
    await untilPhase({ ...ada, call: atFollower }, late.id, ['running']);
    await atFollower(deleteServer, { params: { id: early[0]!.id } });
    await atFollower(stopServer, { params: { id: early[1]!.id } });
    await untilPhase({ ...ada, call: atFollower }, early[2]!.id, ['running']);
    const containers = [...(await containersOf(late.id)), ...(await containersOf(early[2]!.id))];
    leader.continue();
    expect((await bed.roles()).leader).toBe(follower);
    await until(() => leader.output.includes('this hub acts no more'));
    await sleep(3000);
    await until(async () => (await containersOf(early[0]!.id)).length === 0, 90_000);
    await until(async () => (await containersOf(early[1]!.id)).length === 0, 90_000);
    expect([...(await containersOf(late.id)), ...(await containersOf(early[2]!.id))]).toEqual(containers);
    for (const hub of bed.hubs) {
      const shown = await bed.at(hub, ada)(listServers, { query: { limit: 200 } });
      const phases = Object.fromEntries(shown.items.map(({ name, phase }) => [name, phase]));
      expect(phases).toEqual({ 'frozen-two': 'stopped', 'frozen-three': 'running', 'while-frozen': 'running' });
    }
    await expectBystanderUnharmed();
    await deleteAllServers(ada);
  }, 300_000);

  it('counts no minute twice', async () => {
    const runs = await bed.db.query<{ server: string; engine: string; from: Date; until: Date | null }>(
      `SELECT server_id AS server, engine_id AS engine, started_at AS "from", ended_at AS until FROM server_runs
        WHERE started_at IS NOT NULL ORDER BY server_id, started_at`,
      { type: QueryTypes.SELECT },
    );
    expect(new Set(runs.map(({ engine }) => engine)).size).toBe(runs.length);
    for (const [index, run] of runs.entries()) {
      const next = runs[index + 1];
      // Two runs of one server never overlap, so no moment of it is counted twice.
      if (next?.server === run.server) expect(run.until!.getTime()).toBeLessThanOrEqual(next.from.getTime() + 1000);
    }
    expect(runs.filter(({ server }) => server === bystander.id)).toHaveLength(1);
  });
});
