import type { ImageLocation, SaveMeasure, SaveOptions, SaveTarget } from '../../../domains/images/index.ts';
import type {
  Endpoint,
  Inventory,
  ObservedServer,
  ServerRef,
  ServerSpec,
  Spawner,
} from '../../../domains/servers/spawner.ts';
import { FakeEngine, type FakeContainer } from './fakeEngine.ts';
import { FakeSaves } from './fakeSaves.ts';
import { refuseOlder } from '../refuseOlder.ts';

interface FakeSpawnerOptions {
  /** Shared by several spawners to play a hub's restart or two hubs on one machine. */
  engine?: FakeEngine;
  instanceId?: string;
}

/** The spawner port on an engine in memory: for tests of everything above the port. */
export class FakeSpawner implements Spawner {
  readonly engine = 'fake';
  /** The engine behind, with the knobs of a test. */
  readonly fake: FakeEngine;
  readonly #instanceId: string;
  readonly #watches = new Set<() => void>();
  readonly #saves: FakeSaves;

  constructor({ engine = new FakeEngine(), instanceId = 'fake' }: FakeSpawnerOptions = {}) {
    this.fake = engine;
    this.#instanceId = instanceId;
    this.#saves = new FakeSaves(engine, (ref) => this.#own(ref));
  }

  async ensure(spec: ServerSpec, signal: AbortSignal): Promise<ServerRef> {
    await this.fake.enter('ensure', signal);
    const found = this.fake.of(spec.serverId, this.#instanceId);
    refuseOlder(spec, found?.generation);
    if (found !== undefined && found.generation !== spec.generation) this.fake.containers.delete(found.ref.engineId);
    const container = found?.generation === spec.generation ? found : this.#stepCreate(spec);
    if (container.state === 'created' || (container.state === 'running' && !container.isolated))
      this.#finish(container);
    return { ...container.ref };
  }

  async remove(ref: ServerRef, signal: AbortSignal): Promise<void> {
    await this.fake.enter('remove', signal);
    if (this.#own(ref) === undefined) return;
    this.fake.containers.delete(ref.engineId);
    this.fake.changed();
  }

  async list(signal: AbortSignal): Promise<ObservedServer[]> {
    await this.fake.enter('list', signal);
    return [...this.fake.containers.values()].filter((one) => one.instanceId === this.#instanceId).map(observed);
  }

  watch(onHint: () => void): () => void {
    const end = this.fake.subscribe(onHint);
    this.#watches.add(end);
    return () => {
      this.#watches.delete(end);
      end();
    };
  }

  async logs(ref: ServerRef, tail: number, signal: AbortSignal): Promise<string[]> {
    await this.fake.enter('logs', signal);
    const container = this.#own(ref);
    if (container === undefined) throw new Error(`The container of server ${ref.serverId} does not exist.`);
    return container.logs.slice(-tail);
  }

  async writeToken(ref: ServerRef, token: string, signal: AbortSignal): Promise<void> {
    await this.fake.enter('writeToken', signal);
    const container = this.#own(ref);
    if (container === undefined) throw new Error(`The container of server ${ref.serverId} does not exist.`);
    container.spec = { ...container.spec, token };
  }

  async endpoint(ref: ServerRef, _port: number, signal: AbortSignal): Promise<Endpoint | undefined> {
    await this.fake.enter('endpoint', signal);
    const container = this.#own(ref);
    return container?.state === 'running' ? container.endpoint : undefined;
  }

  async inventory(signal: AbortSignal): Promise<Inventory> {
    await this.fake.enter('inventory', signal);
    return structuredClone(this.fake.inventory);
  }

  saveImage(ref: ServerRef, target: SaveTarget, options: SaveOptions): Promise<ImageLocation> {
    return this.#saves.save(ref, target, options);
  }

  discardSave(target: Pick<SaveTarget, 'job' | 'ref'>): Promise<void> {
    return this.#saves.discard(target);
  }

  async sweepSaves(active: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    await this.fake.enter('sweepSaves', signal);
    await this.#saves.sweep(active);
  }

  measureChanges(ref: ServerRef): Promise<SaveMeasure> {
    return this.#saves.measure(ref);
  }

  async writtenBytes(ref: ServerRef, signal: AbortSignal): Promise<number | undefined> {
    await this.fake.enter('writtenBytes', signal);
    return this.#own(ref)?.written;
  }

  dispose(): Promise<void> {
    for (const end of this.#watches) end();
    this.#watches.clear();
    return Promise.resolve();
  }

  #own(ref: ServerRef): FakeContainer | undefined {
    const container = this.fake.containers.get(ref.engineId);
    return container?.instanceId === this.#instanceId ? container : undefined;
  }

  #stepCreate(spec: ServerSpec): FakeContainer {
    const container = this.fake.create(this.#instanceId, spec);
    this.fake.stepDone('create');
    return container;
  }

  #finish(container: FakeContainer): void {
    if (container.state === 'created') {
      container.state = 'running';
      container.startedAt = this.fake.clock.now();
      this.fake.stepDone('start');
    }
    container.isolated = true;
    this.fake.stepDone('isolate');
    this.fake.changed();
  }
}

/** What list() tells of a container; one that is started but not isolated counts as created, as on a real engine. */
function observed(container: FakeContainer): ObservedServer {
  const { ref, ownerId, generation, state, exitCode, outOfMemory, createdAt, startedAt, finishedAt, isolated, reason } =
    container;
  const shown = state === 'running' && !isolated ? 'created' : state;
  return {
    ref: { ...ref },
    ownerId,
    generation,
    state: shown,
    exitCode,
    outOfMemory,
    createdAt,
    startedAt,
    finishedAt,
    ...(reason === undefined ? {} : { reason }),
  };
}
