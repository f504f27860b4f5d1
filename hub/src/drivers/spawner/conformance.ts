import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  AGENT_PORT,
  SpawnWaits,
  type ObservedServer,
  type ServerRef,
  type ServerSpec,
  type Spawner,
} from '../../domains/servers/spawner.ts';
import { randomId, randomSecret } from '../../platform/random.ts';

/** What a driver gives to the conformance suite: itself, and ways to do to a container what only its inside can. */
export interface SpawnerHarness {
  spawner: Spawner;
  /** A second hub on the same engine. */
  other: Spawner;
  /** An image whose first process stays up until told otherwise. */
  image: ServerSpec['image'];
  /** The steps of ensure() after which a hub may die. */
  steps: readonly string[];
  /** Makes the next ensure() of `spawner` die after this step, as if the hub had been killed. */
  dieAfter(step: string): void;
  /** Ends the first process with a code. */
  exit(ref: ServerRef, code: number): Promise<void>;
  /** Has the first process killed for lack of memory. */
  exhaustMemory(ref: ServerRef): Promise<void>;
  /** Has the first process print a line. */
  print(ref: ServerRef, line: string): Promise<void>;
  /** The server token that code inside finds. */
  tokenOf(ref: ServerRef): Promise<string | undefined>;
  /** Writes so many bytes to a file in the container's own layer. */
  write(ref: ServerRef, bytes: number): Promise<void>;
  /** Waits until the first process can be told to end. */
  ready(ref: ServerRef): Promise<void>;
  /** Removes all containers of the hub, without the driver. */
  clear(): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * What engines do differently, told beforehand, so that each has tests of its own way and none that only looks as if it
 * passed.
 */
export interface SpawnerTraits {
  /** Who makes the tokens of servers: the hub, which writes them into containers, or the engine, which knows its own. */
  tokens: 'hub' | 'engine';
  /** Who watches how much a container writes to its own layer. */
  writes: 'counted for the hub' | 'limited by the engine';
}

/** Each call is bounded by the driver; this bounds the test. */
const CALL_MS = 60_000;
const signal = () => AbortSignal.timeout(CALL_MS);

/** A server of its own owner: 0.5 cores, 256 MiB. */
export function testSpec(image: ServerSpec['image'], changes: Partial<ServerSpec> = {}): ServerSpec {
  return {
    serverId: randomId(),
    ownerId: randomId(),
    generation: 1,
    serverName: 'work',
    userName: 'ada',
    image,
    resources: { cpu: 0.5, memoryMb: 256, gpu: 0 },
    gpuIds: [],
    editors: ['jupyterlab'],
    basePath: '',
    sources: ['default'],
    sharedWritable: false,
    secret: randomSecret(),
    token: randomSecret('davit_'),
    ...changes,
  };
}

/** Asks again and again until `get` gives something; engines tell of an end a moment late. */
export async function eventually<T>(get: () => Promise<T | undefined>, forMs = 15_000): Promise<T> {
  const deadline = performance.now() + forMs;
  for (;;) {
    const found = await get();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`It did not happen within ${forMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What every driver of the spawner port must do; run on each of them, on the real engine where there is one. */
export function describeSpawnerConformance(
  name: string,
  factory: () => Promise<SpawnerHarness>,
  { tokens, writes }: SpawnerTraits,
): void {
  describe(`${name} as a spawner`, () => {
    let harness: SpawnerHarness;
    let spawner: Spawner;
    beforeAll(async () => {
      harness = await factory();
      spawner = harness.spawner;
    }, CALL_MS);
    afterEach(() => harness.clear(), CALL_MS);
    afterAll(() => harness.dispose(), CALL_MS);

    const spec = (changes?: Partial<ServerSpec>) => testSpec(harness.image, changes);
    const list = () => spawner.list(signal());
    const only = async (): Promise<ObservedServer> => {
      const servers = await list();
      expect(servers).toHaveLength(1);
      return servers[0] as ObservedServer;
    };
    const ended = () =>
      eventually(async () => (await list()).find((server) => server.state === 'exited' && server.finishedAt));

    describe('ensure', () => {
      it('makes one container and then changes nothing', async () => {
        const before = Date.now();
        const wanted = spec();
        const ref = await spawner.ensure(wanted, signal());
        expect(await spawner.ensure(wanted, signal())).toEqual(ref);
        const server = await only();
        expect(server).toMatchObject({ ref, ownerId: wanted.ownerId, generation: 1, state: 'running' });
        expect(server.exitCode).toBeUndefined();
        expect(server.finishedAt).toBeUndefined();
        for (const time of [server.createdAt, server.startedAt]) {
          expect(Math.abs((time?.getTime() ?? 0) - before)).toBeLessThan(CALL_MS);
        }
      });

      it('makes one container of ten calls at once', async () => {
        const wanted = spec();
        const refs = await Promise.all(Array.from({ length: 10 }, () => spawner.ensure(wanted, signal())));
        expect(new Set(refs.map((ref) => ref.engineId)).size).toBe(1);
        expect(await only()).toMatchObject({ ref: refs[0], state: 'running' });
      });

      it('finishes what a hub left that died after any step, and never shows it as running before', async () => {
        for (const step of harness.steps) {
          const wanted = spec();
          harness.dieAfter(step);
          await expect(spawner.ensure(wanted, signal())).rejects.toThrow();
          const half = (await list()).filter((server) => server.ref.serverId === wanted.serverId);
          const last = step === harness.steps.at(-1);
          expect({ step, states: half.map((server) => server.state) }).toEqual({
            step,
            states: half.length === 0 ? [] : [last ? 'running' : 'created'],
          });
          const ref = await spawner.ensure(wanted, signal());
          const now = (await list()).filter((server) => server.ref.serverId === wanted.serverId);
          expect(now).toEqual([expect.objectContaining({ ref, state: 'running' })]);
          if (half[0] !== undefined) expect(half[0].ref).toEqual(ref);
        }
      }, 120_000);

      it('replaces a container of another generation', async () => {
        const wanted = spec();
        const first = await spawner.ensure(wanted, signal());
        await harness.ready(first);
        const second = await spawner.ensure({ ...wanted, generation: 2 }, signal());
        expect(second.engineId).not.toBe(first.engineId);
        expect(await only()).toMatchObject({ ref: second, generation: 2, state: 'running' });
      });

      it('leaves a newer container alone: a hub that was replaced asks for an older one', async () => {
        const wanted = spec();
        const newer = await spawner.ensure({ ...wanted, generation: 2 }, signal());
        await expect(spawner.ensure(wanted, signal())).rejects.toThrow(SpawnWaits);
        expect(await only()).toMatchObject({ ref: newer, generation: 2 });
      });

      it('leaves an exited container of the same generation as it is', async () => {
        const wanted = spec();
        const ref = await spawner.ensure(wanted, signal());
        await harness.exit(ref, 4);
        const { startedAt } = await ended();
        expect(await spawner.ensure(wanted, signal())).toEqual(ref);
        expect(await only()).toMatchObject({ ref, state: 'exited', exitCode: 4, startedAt });
      });

      it('is rejected when its signal has aborted', async () => {
        await expect(spawner.ensure(spec(), AbortSignal.abort())).rejects.toThrow();
        expect(await list()).toEqual([]);
      });
    });

    describe('remove', () => {
      it('removes, and is done when there is nothing left to remove', async () => {
        const ref = await spawner.ensure(spec(), signal());
        await harness.ready(ref);
        await spawner.remove(ref, signal());
        expect(await list()).toEqual([]);
        await spawner.remove(ref, signal());
      });

      it('never means a later container of the same server', async () => {
        const wanted = spec();
        const first = await spawner.ensure(wanted, signal());
        await harness.ready(first);
        const second = await spawner.ensure({ ...wanted, generation: 2 }, signal());
        await spawner.remove(first, signal());
        expect(await only()).toMatchObject({ ref: second, state: 'running' });
      });

      it('leaves other servers alone', async () => {
        const [first, second] = await Promise.all([spawner.ensure(spec(), signal()), spawner.ensure(spec(), signal())]);
        await harness.ready(first);
        await spawner.remove(first, signal());
        expect(await only()).toMatchObject({ ref: second, state: 'running' });
      });
    });

    describe('list', () => {
      it('shows the exit code and the engine’s times of what ended', async () => {
        const ref = await spawner.ensure(spec(), signal());
        await harness.exit(ref, 3);
        const server = await ended();
        expect(server).toMatchObject({ ref, state: 'exited', exitCode: 3, outOfMemory: false });
        expect(server.finishedAt?.getTime()).toBeGreaterThanOrEqual(server.startedAt?.getTime() ?? Infinity);
      });

      it('tells an end for lack of memory', async () => {
        const ref = await spawner.ensure(spec(), signal());
        await harness.exhaustMemory(ref);
        expect(await ended()).toMatchObject({ ref, state: 'exited', outOfMemory: true });
      });

      it('shows nothing of another hub, and another hub cannot remove', async () => {
        const ref = await spawner.ensure(spec(), signal());
        expect(await harness.other.list(signal())).toEqual([]);
        await harness.other.remove(ref, signal()).catch(() => undefined);
        expect(await only()).toMatchObject({ ref, state: 'running' });
      });
    });

    it('hints at a start and at an end', async () => {
      let hints = 0;
      const end = spawner.watch(() => (hints += 1));
      try {
        const ref = await spawner.ensure(spec(), signal());
        await eventually(() => Promise.resolve(hints > 0 || undefined));
        const before = hints;
        await harness.exit(ref, 0);
        await eventually(() => Promise.resolve(hints > before || undefined));
      } finally {
        end();
      }
    });

    it('gives the last lines of the log', async () => {
      const ref = await spawner.ensure(spec(), signal());
      for (const line of ['first', 'sécond', 'third']) await harness.print(ref, line);
      const lines = () => spawner.logs(ref, 2, signal());
      await eventually(async () => ((await lines()).at(-1) === 'third' ? true : undefined));
      expect(await lines()).toEqual(['sécond', 'third']);
    });

    if (tokens === 'hub')
      it('replaces the token of a container while it runs, and of no other', async () => {
        const write = defined(spawner.writeToken?.bind(spawner));
        const wanted = spec();
        const [ref, other] = [await spawner.ensure(wanted, signal()), await spawner.ensure(spec(), signal())];
        const others = await harness.tokenOf(other);
        expect(await harness.tokenOf(ref)).toBe(wanted.token);
        const token = randomSecret('davit_');
        await write(ref, token, signal());
        expect(await harness.tokenOf(ref)).toBe(token);
        expect(await harness.tokenOf(other)).toBe(others);
        await expect(harness.other.writeToken?.(ref, 'davit_foreign', signal())).rejects.toThrow();
        await harness.ready(ref);
        const next = await spawner.ensure({ ...wanted, generation: 2 }, signal());
        await expect(write(ref, 'davit_late', signal())).rejects.toThrow();
        expect(await harness.tokenOf(next)).toBe(wanted.token);
      });

    if (tokens === 'engine')
      it('knows whose container a token is', async () => {
        const identify = defined(spawner.identify?.bind(spawner));
        const [ref, other] = [await spawner.ensure(spec(), signal()), await spawner.ensure(spec(), signal())];
        const token = (await harness.tokenOf(ref)) ?? '';
        expect(await identify(token, signal())).toEqual(ref);
        expect(await identify((await harness.tokenOf(other)) ?? '', signal())).toEqual(other);
        expect(await harness.other.identify?.(token, signal())).toBeUndefined();
        for (const foreign of [`${token.slice(0, -4)}AAAA`, 'davit_x', '']) {
          expect(await identify(foreign, signal())).toBeUndefined();
        }
      });

    it('tells where the agent of a running container is reached, and of no other', async () => {
      const ref = await spawner.ensure(spec(), signal());
      expect(await spawner.endpoint(ref, AGENT_PORT, signal())).toEqual({
        host: expect.any(String),
        port: expect.any(Number),
      });
      await harness.exit(ref, 0);
      await ended();
      expect(await spawner.endpoint(ref, AGENT_PORT, signal())).toBeUndefined();
      await spawner.remove(ref, signal());
      expect(await spawner.endpoint(ref, AGENT_PORT, signal())).toBeUndefined();
    });

    if (writes === 'counted for the hub')
      it('counts what a container writes to its own layer', async () => {
        const counted = defined(spawner.writtenBytes?.bind(spawner));
        const [ref, other] = await Promise.all([spawner.ensure(spec(), signal()), spawner.ensure(spec(), signal())]);
        const written = (of: ServerRef) => counted(of, signal());
        const before = (await written(ref)) ?? Infinity;
        expect(before).toBeLessThan(1e6);
        await harness.write(ref, 20e6);
        const after = await written(ref);
        expect(after).toBeGreaterThanOrEqual(before + 20e6);
        expect(after).toBeLessThan(before + 25e6);
        expect(await written(other)).toBeLessThan(1e6);
        await harness.ready(ref);
        await spawner.remove(ref, signal());
        expect(await written(ref)).toBeUndefined();
      });

    if (writes === 'limited by the engine')
      it('says so when the engine ended a server that wrote too much to its own layer', async () => {
        const ref = await spawner.ensure(spec(), signal());
        await harness.write(ref, 400e6);
        const over = await eventually(
          async () => (await list()).find((one) => one.reason?.code === 'disk-limit'),
          3 * CALL_MS,
        );
        expect(over).toMatchObject({ ref, state: 'exited' });
        expect(over.finishedAt).toBeInstanceOf(Date);
      }, 240_000);

    it('tells what the machines have', async () => {
      const { nodes, disk } = await spawner.inventory(signal());
      expect(nodes.length).toBeGreaterThan(0);
      for (const node of nodes) {
        expect(node.cpu).toBeGreaterThan(0);
        expect(node.memoryMb).toBeGreaterThan(100);
      }
      if (disk !== undefined) expect(disk.freeMb).toBeLessThanOrEqual(disk.totalMb);
    });
  });
}

/** A method that drivers may leave out, and this one must not. */
function defined<T>(method: T | undefined): T {
  if (method === undefined) throw new Error('This driver lacks a method that it is said to have.');
  return method;
}
