import type { ContainerCreateOptions, ContainerInspectInfo } from 'dockerode';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpawnRefused } from '../../../domains/servers/spawner.ts';
import { untilAborted } from './abort.ts';
import type { Engine } from './connect.ts';
import { containerName } from './containerSpec.ts';
import { isGone, statusOf } from './errors.ts';
import { cdiNames, withDeviceRequests, type DetectedGpu } from './gpus.ts';
import { libpodCreate, libpodList, libpodSpec } from './libpod.ts';
import { logLines } from './logs.ts';
import { LABEL, STOP_GRACE_S } from './settings.ts';

/** Enough to keep the engine busy, few enough not to hold up other calls. */
const PARALLEL_INSPECTS = 8;

/** One container in the engine's list. The same `mark` as before: nothing changed that inspect() tells. */
interface Listed {
  id: string;
  mark: string | undefined;
}

/** What the engine says about its machine. */
interface Machine {
  name: string;
  cpu: number;
  memoryBytes: number;
  /** Where images and containers lie. */
  rootDir: string;
}

/** The engine's calls that the spawner is made of. Only containers of this hub's instance are seen or touched. */
export class ContainerApi {
  readonly #engine: Engine;
  readonly #instanceId: string;
  #machine: Promise<Machine> | undefined;

  constructor(engine: Engine, instanceId: string) {
    this.#engine = engine;
    this.#instanceId = instanceId;
  }

  /** The container of a server, whatever its state. Refuses one of that name which is not ours. */
  async find(serverId: string, signal: AbortSignal): Promise<ContainerInspectInfo | undefined> {
    const name = containerName(this.#instanceId, serverId);
    const info = await this.inspect(name, signal);
    if (info === undefined || this.#isOwn(info)) return info;
    throw new SpawnRefused(`A container named ${name} exists that this hub did not make. An admin has to remove it.`);
  }

  async inspect(idOrName: string, signal: AbortSignal): Promise<ContainerInspectInfo | undefined> {
    return unlessGone(this.#engine.client.getContainer(idOrName).inspect({ abortSignal: signal }));
  }

  /** Several at once; those that are gone meanwhile are left out. */
  async inspectAll(ids: readonly string[], signal: AbortSignal): Promise<ContainerInspectInfo[]> {
    const queue = [...ids];
    const found: ContainerInspectInfo[] = [];
    const worker = async () => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        const info = await this.inspect(id, signal);
        if (info !== undefined) found.push(info);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_INSPECTS }, worker));
    return found;
  }

  /** All servers' containers of this instance, exited ones too. */
  async list(signal: AbortSignal): Promise<Listed[]> {
    const label = `${LABEL.instance}=${this.#instanceId}`;
    const { kind, client, socket } = this.#engine;
    if (kind === 'podman') {
      const listed = await libpodList(socket, label, signal);
      return listed
        .filter(({ Labels }) => Labels?.[LABEL.server] !== undefined)
        .map(({ Id, State, StartedAt, ExitedAt }) => ({ id: Id, mark: `${State} ${StartedAt} ${ExitedAt}` }));
    }
    const listed = await client.listContainers({ all: true, filters: { label: [label] }, abortSignal: signal });
    return listed
      .filter(({ Labels }) => Labels[LABEL.server] !== undefined)
      .map(({ Id, State }) => ({ id: Id, mark: State === 'exited' ? State : undefined }));
  }

  /** Creates a container with its cards. When another process of this hub was faster, gives that one. */
  async create(
    serverId: string,
    spec: ContainerCreateOptions,
    cards: readonly DetectedGpu[],
    signal: AbortSignal,
  ): Promise<ContainerInspectInfo> {
    try {
      await this.#createWith(spec, cards, signal);
    } catch (error) {
      if (!isNameTaken(error)) throw error;
    }
    const info = await this.find(serverId, signal);
    if (info === undefined) throw new Error('The container disappeared right after it was made.');
    return info;
  }

  async start(engineId: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#engine.client.getContainer(engineId).start({ abortSignal: signal });
    } catch (error) {
      if (statusOf(error) !== 304) throw error;
    }
  }

  /** Stops and removes; returns when the container is gone. Refuses one that is not ours. */
  async remove(engineId: string, signal: AbortSignal): Promise<void> {
    const info = await this.inspect(engineId, signal);
    if (info === undefined) return;
    if (!this.#isOwn(info)) throw new Error(`Container ${engineId} was not made by this hub and is left alone.`);
    const container = this.#engine.client.getContainer(info.Id);
    if (info.State.Running) {
      await unlessGone(container.stop({ t: STOP_GRACE_S, abortSignal: signal })).catch(ignoreNotRunning);
    }
    await unlessGone(container.remove({ force: true, v: true, abortSignal: signal })).catch(ignoreUnderWay);
    while ((await this.inspect(info.Id, signal)) !== undefined) await sleep(100, undefined, { signal });
  }

  /** Bytes that the engine itself counts in a container's own layer; slow where it compares whole file systems. */
  async layerBytes(engineId: string, signal: AbortSignal): Promise<number | undefined> {
    // The library passes all fields on as the query, and its types know neither this one nor the answer to it.
    const query = { size: true, abortSignal: signal };
    const info = await unlessGone(this.#engine.client.getContainer(engineId).inspect(query));
    return (info as { SizeRw?: number } | undefined)?.SizeRw;
  }

  async logs(engineId: string, tail: number, signal: AbortSignal): Promise<string[]> {
    const container = this.#engine.client.getContainer(engineId);
    const log = await container.logs({ stdout: true, stderr: true, tail, abortSignal: signal });
    return logLines(log, tail);
  }

  /** Asked once: it does not change while the engine runs, and Podman needs a second of CPU time to tell it. */
  async machine(signal: AbortSignal): Promise<Machine> {
    this.#machine ??= this.#askMachine().catch((error: unknown) => {
      this.#machine = undefined;
      throw error;
    });
    return untilAborted(this.#machine, signal);
  }

  async #askMachine(): Promise<Machine> {
    const info = (await this.#engine.client.info()) as Record<string, unknown>;
    return {
      name: String(info['Name']),
      cpu: Number(info['NCPU']),
      memoryBytes: Number(info['MemTotal']),
      rootDir: String(info['DockerRootDir']),
    };
  }

  #isOwn(info: ContainerInspectInfo): boolean {
    return info.Config.Labels[LABEL.instance] === this.#instanceId;
  }

  async #createWith(spec: ContainerCreateOptions, cards: readonly DetectedGpu[], signal: AbortSignal): Promise<void> {
    const { kind, client, socket } = this.#engine;
    if (kind === 'podman' && cards.length > 0) return libpodCreate(socket, libpodSpec(spec, cdiNames(cards)), signal);
    await client.createContainer({ ...withDeviceRequests(spec, cards), abortSignal: signal });
  }
}

/** The result, or undefined when the engine says that the thing does not exist. */
async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Docker answers 409, Podman 500 with these words. */
function isNameTaken(error: unknown): boolean {
  return error instanceof Error && /name .*already in use/i.test(error.message);
}

function ignoreNotRunning(error: unknown): void {
  if (statusOf(error) !== 304) throw error;
}

/** Another call is removing it already. */
function ignoreUnderWay(error: unknown): void {
  if (statusOf(error) !== 409) throw error;
}
