import type { ContainerInspectInfo } from 'dockerode';
import type { ImageLocation, SaveMeasure, SaveOptions, SaveTarget } from '../../../domains/images/index.ts';
import {
  AGENT_PORT,
  SpawnRefused,
  type Endpoint,
  type Inventory,
  type ObservedServer,
  type ServerRef,
  type ServerSpec,
  type Spawner,
} from '../../../domains/servers/spawner.ts';
import { messageOf } from '../../../platform/errors.ts';
import type { Engine } from './connect.ts';
import { ContainerApi } from './containerApi.ts';
import { containerSpec } from './containerSpec.ts';
import { fullestDisk, refuseLowDisk } from './disk.ts';
import { isPortConflict, isUnreachable, plainError } from './errors.ts';
import { watchEvents } from './events.ts';
import { cardsToAttach, detectGpus, type DetectedGpu } from './gpus.ts';
import { giveAwayByContainer } from './helper.ts';
import { isolatePort } from './isolation.ts';
import { killedForMemory } from './kernelLog.ts';
import { Locks } from '../locks.ts';
import { refuseOlder } from '../refuseOlder.ts';
import { ensureNetwork, type Network } from './network.ts';
import { generationOf, observedServer, publishedEndpoint, runOf, stateOf, wasKilled } from './observe.ts';
import { findTmpfs, openSecrets, type Secrets } from './secrets.ts';
import type { DockerSettings, EnsureStep } from './settings.ts';
import { ImageSaver } from './save/imageSaver.ts';
import { prepareStorage } from './storage.ts';
import { bytesBelow, upperDirectory } from './written.ts';

const CALL_MS = 30_000;
const LIST_MS = 10_000;
/** Time for a walk over a million files that are not in the cache. */
const WALK_MS = 120_000;
const MIB = 1024 * 1024;
const MAX_LOG_LINES = 2000;

/** Makes the spawner of an engine; finds the place for secrets first. */
export async function createDockerSpawner(engine: Engine, settings: DockerSettings): Promise<DockerSpawner> {
  const secrets = await openSecrets(await findTmpfs(settings.tmpfsDirs), settings.instanceId, settings.clock);
  return new DockerSpawner(engine, settings, secrets);
}

/** The spawner port on Docker or Podman of this machine. */
export class DockerSpawner implements Spawner {
  readonly engine = 'docker';
  readonly #engine: Engine;
  readonly #settings: DockerSettings;
  readonly #secrets: Secrets;
  readonly #containers: ContainerApi;
  readonly #saver: ImageSaver;
  readonly #locks = new Locks();
  readonly #watches = new Set<() => void>();
  /** By engine id: where the agent's port of a running container is published. */
  readonly #endpoints = new Map<string, Endpoint>();
  /** By engine id: what was seen under the engine's mark and stays true as long as the mark does. */
  readonly #settled = new Map<string, { mark: string; server: ObservedServer }>();
  #gpus: Promise<DetectedGpu[]> | undefined;

  constructor(engine: Engine, settings: DockerSettings, secrets: Secrets) {
    this.#engine = engine;
    this.#settings = settings;
    this.#secrets = secrets;
    this.#containers = new ContainerApi(engine, settings.instanceId);
    this.#saver = new ImageSaver(engine, settings, this.#containers);
  }

  ensure(spec: ServerSpec, signal: AbortSignal): Promise<ServerRef> {
    return this.#locks.run(spec.serverId, () => this.#bounded(CALL_MS, signal, (bound) => this.#ensure(spec, bound)));
  }

  remove(ref: ServerRef, signal: AbortSignal): Promise<void> {
    return this.#locks.run(ref.serverId, () =>
      this.#bounded(CALL_MS, signal, async (bound) => {
        await this.#containers.remove(ref.engineId, bound);
        this.#forget(ref.engineId);
        const other = await this.#containers.find(ref.serverId, bound);
        if (other === undefined) await this.#secrets.remove(ref.serverId);
      }),
    );
  }

  list(signal: AbortSignal): Promise<ObservedServer[]> {
    return this.#bounded(LIST_MS, signal, async (bound) => {
      const present = await this.#containers.list(bound);
      this.#keepOnly(new Set(present.map((one) => one.id)));
      const changed = present.filter(({ id, mark }) => mark === undefined || this.#settled.get(id)?.mark !== mark);
      const infos = await this.#containers.inspectAll(
        changed.map((one) => one.id),
        bound,
      );
      const fresh = await Promise.all(infos.map((info) => this.#observe(info)));
      const marks = new Map(present.map(({ id, mark }) => [id, mark]));
      const isChanged = new Set(changed.map((one) => one.id));
      const known = [...this.#settled].filter(([id]) => !isChanged.has(id)).map(([, { server }]) => server);
      for (const server of fresh) this.#settle(server, marks.get(server.ref.engineId));
      const servers = [...known, ...fresh];
      await this.#sweep(servers);
      return servers;
    });
  }

  watch(onHint: () => void): () => void {
    const { instanceId, log } = this.#settings;
    const end = watchEvents({ client: this.#engine.client, instanceId, log, onHint });
    this.#watches.add(end);
    return () => {
      this.#watches.delete(end);
      end();
    };
  }

  logs(ref: ServerRef, tail: number, signal: AbortSignal): Promise<string[]> {
    const lines = Math.min(tail, MAX_LOG_LINES);
    return this.#bounded(LIST_MS, signal, (bound) => this.#containers.logs(ref.engineId, lines, bound));
  }

  writeToken(ref: ServerRef, token: string, signal: AbortSignal): Promise<void> {
    return this.#locks.run(ref.serverId, () =>
      this.#bounded(CALL_MS, signal, async (bound) => {
        const info = await this.#containers.find(ref.serverId, bound);
        if (info?.Id !== ref.engineId) throw new Error('The container is not there any more.');
        await this.#secrets.write(ref.serverId, { token }, (paths) =>
          giveAwayByContainer(this.#engine.client, info.Image, paths, bound),
        );
      }),
    );
  }

  async endpoint(ref: ServerRef, port: number, signal: AbortSignal): Promise<Endpoint | undefined> {
    if (port !== AGENT_PORT) return undefined;
    const known = this.#endpoints.get(ref.engineId);
    if (known !== undefined) return known;
    return this.#bounded(LIST_MS, signal, async (bound) => {
      const info = await this.#containers.inspect(ref.engineId, bound);
      return info === undefined ? undefined : this.#remember(info);
    });
  }

  inventory(signal: AbortSignal): Promise<Inventory> {
    return this.#bounded(LIST_MS, signal, async (bound) => {
      const machine = await this.#containers.machine(bound);
      const detected = await this.#detected();
      const gpus = [...detected.map(({ id, kind, declared }) => ({ id, kind, declared })), ...this.#declared()];
      return {
        nodes: [
          { name: machine.name, cpu: machine.cpu, memoryMb: Math.floor(machine.memoryBytes / MIB), gpus, ready: true },
        ],
        disk: await fullestDisk([machine.rootDir, ...Object.values(this.#settings.sources)]),
      };
    });
  }

  /** Counted on the spot where that is possible: the engine would hold a lock meanwhile that others wait for. */
  writtenBytes(ref: ServerRef, signal: AbortSignal): Promise<number | undefined> {
    return this.#bounded(WALK_MS, signal, async (bound) => {
      const info = await this.#containers.inspect(ref.engineId, bound);
      if (info === undefined) return undefined;
      const directory = await upperDirectory(info);
      return directory === undefined ? this.#containers.layerBytes(info.Id, bound) : bytesBelow(directory, bound);
    });
  }

  /** This machine's address for calls from inside. It can be listened on once the first container has run. */
  gateway(signal: AbortSignal): Promise<string> {
    return this.#bounded(LIST_MS, signal, async (bound) => (await this.#network(bound)).listen);
  }

  saveImage(ref: ServerRef, target: SaveTarget, options: SaveOptions): Promise<ImageLocation> {
    return this.#plain(() => this.#saver.save(ref, target, options), options.signal);
  }

  discardSave(target: Pick<SaveTarget, 'job' | 'ref'>, signal: AbortSignal): Promise<void> {
    return this.#plain(() => this.#saver.discard(target, signal), signal);
  }

  sweepSaves(active: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    return this.#plain(() => this.#saver.sweep(active, signal), signal);
  }

  measureChanges(ref: ServerRef, scrub: readonly string[], signal: AbortSignal): Promise<SaveMeasure> {
    return this.#plain(() => this.#saver.measure(ref, scrub, signal), signal);
  }

  dispose(): Promise<void> {
    for (const end of this.#watches) end();
    this.#watches.clear();
    return Promise.resolve();
  }

  async #ensure(spec: ServerSpec, signal: AbortSignal): Promise<ServerRef> {
    let info = await this.#containers.find(spec.serverId, signal);
    refuseOlder(spec, info && generationOf(info));
    if (info !== undefined && generationOf(info) !== spec.generation) {
      await this.#containers.remove(info.Id, signal);
      await this.#secrets.remove(spec.serverId);
      this.#forget(info.Id);
      info = undefined;
    }
    const container = info ?? (await this.#create(spec, signal));
    if (stateOf(container) !== 'exited') await this.#finish(spec, container, signal);
    return { serverId: spec.serverId, engineId: container.Id };
  }

  async #create(spec: ServerSpec, signal: AbortSignal): Promise<ContainerInspectInfo> {
    const { sources, instanceId, apiPort, pidsLimit } = this.#settings;
    const machine = await this.#containers.machine(signal);
    refuseLowDisk(await fullestDisk([machine.rootDir, ...Object.values(sources)]));
    const network = await this.#network(signal);
    await prepareStorage(spec, sources, (paths) => this.#giveAway(spec, paths, signal));
    await this.#secrets.remove(spec.serverId);
    await this.#writeSecrets(spec, signal);
    this.#step('prepare');
    const cards = cardsToAttach(spec.gpuIds, await this.#detected(), this.#declared());
    const create = containerSpec(spec, {
      instanceId,
      sources,
      secretsDir: this.#secrets.directoryOf(spec.serverId),
      network: network.name,
      apiUrl: apiPort === undefined ? undefined : `http://${network.host}:${apiPort}`,
      pidsLimit,
    });
    const info = await this.#containers.create(spec.serverId, create, cards, signal);
    this.#step('create');
    return info;
  }

  /** From wherever a container of the right generation is, to isolated and told to go. */
  async #finish(spec: ServerSpec, container: ContainerInspectInfo, signal: AbortSignal): Promise<void> {
    const running = stateOf(container) === 'running';
    if (running && (await this.#secrets.isAllowed(spec.serverId, runOf(container))))
      return this.#writeSecrets(spec, signal);
    await this.#secrets.forbid(spec.serverId);
    await this.#writeSecrets(spec, signal);
    if (!running) await this.#start(container.Id, signal);
    this.#step('start');
    const started = await this.#containers.inspect(container.Id, signal);
    if (started === undefined) throw new Error('The container disappeared while it was being started.');
    if (stateOf(started) !== 'running') return;
    if (this.#engine.kind === 'podman') await isolatePort(started.State.Pid, (await this.#network(signal)).gateway);
    this.#step('isolate');
    await this.#secrets.allow(spec.serverId, runOf(started));
    this.#remember(started);
    this.#step('go');
  }

  async #start(engineId: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#containers.start(engineId, signal);
    } catch (error) {
      // Podman picks the published port when it creates: starting again would meet the same conflict for ever.
      if (isPortConflict(error)) await this.#containers.remove(engineId, signal);
      throw error;
    }
  }

  async #observe(info: ContainerInspectInfo): Promise<ObservedServer> {
    const serverId = info.Config.Labels['davit.server'] ?? '';
    const server = observedServer(info, await this.#secrets.isAllowed(serverId, runOf(info)));
    if (server.state === 'running') this.#remember(info);
    else this.#endpoints.delete(info.Id);
    if (server.state !== 'exited') return server;
    const outOfMemory = server.outOfMemory === true || (wasKilled(info) && (await killedForMemory(info.Id)));
    return { ...server, outOfMemory };
  }

  /** A half-made container is looked at each time: it changes without the engine's doing, by the word to go. */
  #settle(server: ObservedServer, mark: string | undefined): void {
    const id = server.ref.engineId;
    if (mark === undefined || server.state === 'created') this.#settled.delete(id);
    else this.#settled.set(id, { mark, server });
  }

  #keepOnly(ids: ReadonlySet<string>): void {
    for (const id of [...this.#settled.keys(), ...this.#endpoints.keys()]) if (!ids.has(id)) this.#forget(id);
  }

  async #sweep(servers: readonly ObservedServer[]): Promise<void> {
    const wanted = new Set([...servers.map((one) => one.ref.serverId), ...this.#locks.held()]);
    await this.#secrets
      .sweep(wanted)
      .catch((error: unknown) => this.#settings.log.warn({ error: messageOf(error) }, 'old secret files stay'));
  }

  #remember(info: ContainerInspectInfo): Endpoint | undefined {
    const endpoint = stateOf(info) === 'running' ? publishedEndpoint(info) : undefined;
    if (endpoint !== undefined) this.#endpoints.set(info.Id, endpoint);
    return endpoint;
  }

  #forget(engineId: string): void {
    this.#endpoints.delete(engineId);
    this.#settled.delete(engineId);
  }

  #network(signal: AbortSignal): Promise<Network> {
    return ensureNetwork(this.#engine, this.#settings.instanceId, signal);
  }

  #writeSecrets(spec: ServerSpec, signal: AbortSignal): Promise<void> {
    const { serverId, secret, token } = spec;
    return this.#secrets.write(serverId, { secret, token }, (paths) => this.#giveAway(spec, paths, signal));
  }

  #giveAway(spec: ServerSpec, paths: string[], signal: AbortSignal): Promise<void> {
    return giveAwayByContainer(this.#engine.client, spec.image.digest, paths, signal);
  }

  /** Asked once: cards do not come and go while the machine runs. A failure is told, and asked again next time. */
  #detected(): Promise<DetectedGpu[]> {
    this.#gpus ??= detectGpus().catch((error: unknown) => {
      this.#gpus = undefined;
      this.#settings.log.warn({ error: messageOf(error) }, 'GPUs could not be listed');
      return [];
    });
    return this.#gpus;
  }

  #declared() {
    return this.#settings.declaredGpus ?? [];
  }

  #step(step: EnsureStep): void {
    this.#settings.onStep?.(step);
  }

  /** Runs a call within `ms`. */
  #bounded<T>(ms: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#plain(() => work(AbortSignal.any([signal, AbortSignal.timeout(ms)])), signal);
  }

  /** Tells a call's failure in plain words, and brings our own engine back when it is gone. */
  async #plain<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw error;
      if (isUnreachable(error)) {
        await this.#engine
          .revive()
          .catch((cause: unknown) => this.#settings.log.warn({ error: messageOf(cause) }, 'the engine stays away'));
      }
      const plain = plainError(error);
      if (plain instanceof SpawnRefused) this.#settings.log.warn({ error: messageOf(error) }, 'the engine refused');
      throw plain;
    }
  }
}
