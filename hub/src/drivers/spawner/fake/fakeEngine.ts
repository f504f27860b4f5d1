import type { ImageLocation } from '../../../domains/images/index.ts';
import type { Endpoint, Inventory, ObservedServer, ServerSpec } from '../../../domains/servers/spawner.ts';
import { systemClock, type Clock } from '../../../platform/clock.ts';

/** What ensure() does one after the other; a crash between two of them leaves a half-made container. */
export type FakeStep = 'create' | 'start' | 'isolate';

/** The calls that can be held back or made to fail. */
export type FakeCall =
  | 'ensure'
  | 'remove'
  | 'list'
  | 'logs'
  | 'endpoint'
  | 'inventory'
  | 'writeToken'
  | 'saveImage'
  | 'sweepSaves'
  | 'writtenBytes';

/** One container in the fake engine. */
export interface FakeContainer extends ObservedServer {
  instanceId: string;
  spec: ServerSpec;
  isolated: boolean;
  logs: string[];
  /** Bytes in its own layer. */
  written: number;
  endpoint: Endpoint;
}

/** How a container ends: `exitCode` 0 unless told; `outOfMemory` as when the kernel killed its first process. */
export interface FakeEnd {
  exitCode?: number;
  outOfMemory?: boolean;
}

/** Two CPU cores, 16 GiB, no GPU, half of the disk free. */
export const FAKE_INVENTORY: Inventory = {
  nodes: [{ name: 'fake', cpu: 2, memoryMb: 16_384, gpus: [], ready: true }],
  disk: { freeMb: 51_200, totalMb: 102_400 },
};

/**
 * A container engine in memory. It outlives the spawners made on it, as a real engine outlives the hub, so a test can
 * throw a spawner away and make a new one that adopts the containers. Everything happens at once and in order unless a
 * test holds a call back.
 */
export class FakeEngine {
  readonly clock: Clock;
  readonly containers = new Map<string, FakeContainer>();
  /** Saved images by reference. */
  readonly images = new Map<string, ImageLocation>();
  /** What saves under way have made so far: job → the reference it will get. */
  readonly saves = new Map<string, string>();
  /** While false each call is rejected, as with a stopped engine; the containers live on. */
  reachable = true;
  inventory: Inventory = FAKE_INVENTORY;
  /** How often each call arrived. */
  readonly calls: Record<FakeCall, number> = {
    ensure: 0,
    remove: 0,
    list: 0,
    logs: 0,
    endpoint: 0,
    inventory: 0,
    writeToken: 0,
    saveImage: 0,
    sweepSaves: 0,
    writtenBytes: 0,
  };
  readonly #failures = new Map<FakeCall, unknown[]>();
  readonly #holds = new Map<FakeCall, Promise<undefined>>();
  readonly #listeners = new Set<() => void>();
  #crashAfter: FakeStep | undefined;
  #made = 0;

  constructor(clock: Clock = systemClock) {
    this.clock = clock;
  }

  /** The next `times` calls are rejected with `error`; use SpawnRefused where trying again is pointless. */
  fail(call: FakeCall, error: unknown, times = 1): void {
    const queue = this.#failures.get(call) ?? [];
    this.#failures.set(call, [...queue, ...Array.from({ length: times }, () => error)]);
  }

  /** Holds calls back from now on until the returned function is called. */
  hold(call: FakeCall): () => void {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#holds.set(call, promise);
    return () => {
      this.#holds.delete(call);
      resolve(undefined);
    };
  }

  /** The next ensure() is rejected right after `step`, as if the hub had died there. */
  crashAfter(step: FakeStep): void {
    this.#crashAfter = step;
  }

  /** Ends a running container from inside. */
  exit(serverId: string, { exitCode = 0, outOfMemory = false }: FakeEnd = {}): void {
    const container = this.of(serverId);
    if (container === undefined) throw new Error(`No container of server ${serverId} exists.`);
    Object.assign(container, { state: 'exited', exitCode, outOfMemory, finishedAt: this.clock.now() });
    this.changed();
  }

  /** Removes a container behind the hub's back, as a person with the engine's command line can. */
  lose(serverId: string): void {
    const container = this.of(serverId);
    if (container !== undefined) this.containers.delete(container.ref.engineId);
    this.changed();
  }

  /** The container of a server in any state. */
  of(serverId: string, instanceId?: string): FakeContainer | undefined {
    return [...this.containers.values()].find(
      (one) => one.ref.serverId === serverId && (instanceId === undefined || one.instanceId === instanceId),
    );
  }

  /** Begins each call of a spawner: counts it, waits for a hold, then fails if it was told to. */
  async enter(call: FakeCall, signal: AbortSignal): Promise<void> {
    this.calls[call] += 1;
    signal.throwIfAborted();
    await this.#held(call, signal);
    if (!this.reachable) throw new Error('The container engine does not answer.');
    const queue = this.#failures.get(call);
    if (queue !== undefined && queue.length > 0) throw queue.shift();
  }

  /** Ends a step of ensure(); rejects when a crash was asked for here. */
  stepDone(step: FakeStep): void {
    if (this.#crashAfter !== step) return;
    this.#crashAfter = undefined;
    throw new Error(`Crashed after ${step}.`);
  }

  /** Adds a container that is created and not yet started. */
  create(instanceId: string, spec: ServerSpec): FakeContainer {
    this.#made += 1;
    const container: FakeContainer = {
      ref: { serverId: spec.serverId, engineId: `fake-${this.#made}` },
      ownerId: spec.ownerId,
      generation: spec.generation,
      state: 'created',
      createdAt: this.clock.now(),
      instanceId,
      spec,
      isolated: false,
      logs: [],
      written: 0,
      endpoint: { host: '127.0.0.1', port: 40_000 + this.#made },
    };
    this.containers.set(container.ref.engineId, container);
    return container;
  }

  /** Tells watchers that something may have changed. */
  changed(): void {
    for (const listener of this.#listeners) listener();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #held(call: FakeCall, signal: AbortSignal): Promise<void> {
    const hold = this.#holds.get(call);
    if (hold === undefined) return;
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    await Promise.race([hold, promise]).finally(() => signal.removeEventListener('abort', abort));
  }
}
