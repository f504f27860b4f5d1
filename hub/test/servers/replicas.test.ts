import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { isDeepStrictEqual } from 'node:util';
import type { ServersDomain, ServersDomainOptions } from '../../src/domains/servers/index.ts';
import { Bus, type BusMessage } from '../../src/platform/bus.ts';
import { NotHeld, type Hold, type Ticket } from '../../src/platform/ticket.ts';
import { createTestDatabase } from '../database.ts';
import { eventually } from '../proxyFixture.ts';
import { createWorld, type World } from './harness.ts';

/** A ticket that the test gives and takes. */
class TestTicket implements Ticket {
  hold: Hold | undefined;
  #abort = new AbortController();
  readonly #listeners = new Set<(hold: Hold | undefined) => unknown>();

  onChange(listener: (hold: Hold | undefined) => unknown): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  confirm(): Promise<void> {
    return this.hold === undefined ? Promise.reject(new NotHeld('not held')) : Promise.resolve();
  }

  give(fence: number): void {
    this.#abort = new AbortController();
    this.hold = { fence, signal: this.#abort.signal };
    for (const listener of this.#listeners) listener(this.hold);
  }

  async take(): Promise<void> {
    this.hold = undefined;
    this.#abort.abort(new NotHeld('taken'));
    await Promise.all([...this.#listeners].map((listener) => listener(undefined)));
  }
}

interface TestHub {
  domain: ServersDomain;
  bus: Bus;
  ticket: TestTicket;
  heard: BusMessage[];
}

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let world: World;
let a: TestHub;
let b: TestHub;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  world = createWorld(database.db);
  [a, b] = [hub(), hub()];
  connect();
  a.ticket.give(1);
  await a.domain.start();
  await b.domain.start();
});
afterEach(async () => {
  disconnect();
  await world.end();
});

/** Its loops tick by themselves, mostly because they are woken. */
function hub(changes: Partial<ServersDomainOptions> = {}): TestHub {
  const [bus, ticket, heard] = [new Bus(), new TestTicket(), [] as BusMessage[]];
  bus.subscribe((message) => heard.push(message));
  const live = { starting: 20, partly: 20, running: 20, watched: 20 };
  const domain = world.hub({ bus, ticket, timing: { tick: 60_000, live }, ...changes });
  return { domain, bus, ticket, heard };
}

function connect(): void {
  a.bus.relayTo((message) => b.bus.receive(message));
  b.bus.relayTo((message) => a.bus.receive(message));
}

function disconnect(): void {
  a.bus.relayTo(() => undefined);
  b.bus.relayTo(() => undefined);
}

const create = (at: TestHub, name = 'work') =>
  at.domain.service.create(world.ada, { name, imageId: 'imgjupyter00', start: true });
const phaseOf = async (at: TestHub, id: string) => (await at.domain.service.get(world.ada, id)).phase;
const reaches = (at: TestHub, id: string) => at.domain.targets.find(id)?.endpoint !== undefined;

describe('two hubs on one database and one engine', () => {
  it('start a server that was asked for at the one that does not act, and both reach it', async () => {
    const { id } = await create(b);
    await eventually(() => reaches(a, id) && reaches(b, id));
    await eventually(() => b.domain.targets.find(id)?.phase === 'running');
    // What is said of a start goes on meanwhile, at one hub a little before the other.
    await eventually(() => isDeepStrictEqual(b.domain.targets.find(id), a.domain.targets.find(id)));
    expect(world.engine.containers.size).toBe(1);
  });

  it('tell pages at both when the one that does not act knows that an editor is ready, too', async () => {
    const { id } = await create(a);
    await eventually(() => b.domain.targets.find(id)?.readyEditors.length === 1);
    const ofB = ({ event, elsewhere }: BusMessage) => event.id === id && elsewhere !== true;
    expect(b.heard.filter(ofB).length).toBeGreaterThan(0);
    // A page that is connected to the one may have been answered by the other.
    expect(a.heard.filter(({ event, elsewhere }) => event.id === id && elsewhere).length).toBeGreaterThan(0);
  });

  it('both forget a server that was stopped or deleted at the other', async () => {
    const { id } = await create(a);
    await eventually(() => reaches(a, id) && reaches(b, id));
    await b.domain.service.stop(world.ada, id);
    await eventually(() => !reaches(a, id) && !reaches(b, id));
    await eventually(() => world.engine.containers.size === 0);
    await b.domain.service.delete(world.ada, id);
    await eventually(() => a.domain.targets.find(id) === undefined && b.domain.targets.find(id) === undefined);
  });

  it('know a server that never ran, wherever it was made', async () => {
    const { id } = await b.domain.service.create(world.ada, { name: 'rests', imageId: 'imgjupyter00', start: false });
    await eventually(() => a.domain.targets.find(id)?.phase === 'stopped');
  });

  it('read everything anew when events may have been lost', async () => {
    // At rest, so that the engine has nothing to tell of them.
    const rest = (at: TestHub, name: string) =>
      at.domain.service.create(world.ada, { name, imageId: 'imgjupyter00', start: false });
    const { id: gone } = await rest(b, 'gone');
    await eventually(() => a.domain.targets.find(gone) !== undefined);
    disconnect();
    const { id } = await rest(a, 'new');
    await a.domain.service.delete(world.ada, gone);
    await eventually(() => a.domain.targets.find(gone) === undefined);
    expect([b.domain.targets.find(id), b.domain.targets.find(gone)?.phase]).toEqual([undefined, 'stopped']);
    connect();
    b.bus.missed();
    await eventually(() => b.domain.targets.find(id) !== undefined && b.domain.targets.find(gone) === undefined);
  });

  it('act one after the other: what the first had begun the next brings to its end', async () => {
    world.images.images.get('imgjupyter00')!.ready = false;
    const { id } = await create(a);
    const { builds } = world.images.images.get('imgjupyter00')!;
    await eventually(() => builds.length === 1);
    await a.ticket.take();
    expect(builds[0]!.options.signal.aborted).toBe(true);
    builds[0]!.end();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([world.engine.containers.size, await phaseOf(b, id)]).toEqual([0, 'starting']);
    b.ticket.give(2);
    await eventually(() => builds.length === 2);
    builds[1]!.end();
    await eventually(() => reaches(a, id) && reaches(b, id));
    expect([world.engine.containers.size, world.engine.calls.ensure]).toEqual([1, 1]);
  });

  it('leave what runs alone when the right to act moves', async () => {
    const { id } = await create(a);
    await eventually(() => reaches(a, id) && reaches(b, id));
    const before = [...world.engine.containers.keys()];
    let cutOff = 0;
    for (const { domain } of [a, b]) {
      domain.targets.onChange((serverId, target) => {
        if (serverId === id && target?.endpoint === undefined) cutOff += 1;
      });
    }
    await a.ticket.take();
    b.ticket.give(2);
    await create(b, 'second');
    await eventually(() => world.engine.containers.size === 2);
    expect([...world.engine.containers.keys()]).toEqual(expect.arrayContaining(before));
    expect([reaches(a, id), reaches(b, id), cutOff]).toEqual([true, true, 0]);
  });

  it('do nothing to the engine while none of them may act', async () => {
    await a.ticket.take();
    const { id } = await create(a);
    await create(b, 'second');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { ensure, remove } = world.engine.calls;
    expect([ensure, remove, await phaseOf(a, id)]).toEqual([0, 0, 'queued']);
    b.ticket.give(2);
    await eventually(() => reaches(a, id) && reaches(b, id));
  });
});
