import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import type { Admission } from './admissionService.ts';
import type { DiskWatch } from './diskWatch.ts';
import { Jobs } from './jobs.ts';
import type { LiveServers } from './live.ts';
import type { ServerRow } from './model.ts';
import { currentOf, plan, planUnreachable, type Action, type ServerView, type Timing } from './plan.ts';
import { runOf, type Retirer } from './retirer.ts';
import type { Publisher } from './rows.ts';
import type { RunStore } from './runStore.ts';
import type { Sightings } from './sightings.ts';
import type { ObservedServer, Spawner } from './spawner.ts';
import type { Starter } from './starter.ts';
import type { ServerStore } from './store.ts';

export interface ReconcilerOptions {
  spawner: Spawner;
  store: ServerStore;
  runs: RunStore;
  sightings: Sightings;
  publisher: Publisher;
  admission: Admission;
  starter: Starter;
  retirer: Retirer;
  live: LiveServers;
  disk: DiskWatch;
  clock: Clock;
  log: Logger;
  timing: Timing;
  /** Milliseconds for which a container must be seen unwanted before it is removed. */
  quarantine: number;
  /** Asks for another tick. */
  wake: () => void;
  /** Asks the agents of newly seen containers without waiting for the next turn. */
  poll: () => void;
}

/** Two failed looks in a row: one may be a hiccup, and `unknown` would flicker on every page. */
const UNREACHABLE_AFTER = 2;
const LIST_TIMEOUT_MS = 20_000;

/** Makes the engine equal to the rows: looks at both, plans, and lets the work run beside. Level-triggered. */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly jobs: Jobs;
  readonly #missing = new Map<string, Date>();
  readonly #unwanted = new Map<string, Date>();
  readonly #announced = new Map<string, string>();
  #active: ReadonlySet<string> = new Set();
  #failures = 0;
  #hasLooked = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.jobs = new Jobs({ log: options.log, onEnd: options.wake });
  }

  /** Whether the engine answered when it was looked at last; undefined before the first look. */
  get engineAnswers(): boolean | undefined {
    return this.#hasLooked ? this.#failures === 0 : undefined;
  }

  /** One look and what follows from it. Work that takes longer goes on after it and wakes the loop at its end. */
  async tick(signal: AbortSignal): Promise<void> {
    const { store, sightings, clock } = this.#options;
    this.jobs.beginSnapshot();
    // First the engine, then the rows: a container that a row calls outdated then really is, and not newer than the row.
    const containers = await this.#list(signal);
    const rows = new Map((await store.active()).map((row) => [row.id, row]));
    await this.#departed(rows);
    this.jobs.abortUnless((id, generation) => wants(rows.get(id), generation));
    if (containers === undefined) {
      if (this.#failures >= UNREACHABLE_AFTER) await this.#unreachable(rows);
      this.#hasLooked = true;
      return;
    }
    await sightings.take(containers, clock.now());
    await this.#admit(rows, signal);
    await this.#addIdleOnes(rows, containers);
    await this.#reconcile(rows, containers, signal);
    this.#hasLooked = true;
  }

  /**
   * One look without acting, on a hub that may not: it keeps what the proxy and the pages need, so that it can serve
   * everything, and take over at any moment. `mayAct` is asked after each wait.
   */
  async observe(signal: AbortSignal, mayAct: () => boolean): Promise<void> {
    const { store, sightings, clock } = this.#options;
    const containers = await this.#list(signal);
    const rows = new Map((await store.active()).map((row) => [row.id, row]));
    await this.#departed(rows);
    if (mayAct()) return;
    this.#hasLooked = true;
    if (containers === undefined) return;
    sightings.note(containers, clock.now());
    this.jobs.beginSnapshot();
    const views = withContainers(rows, containers);
    this.#follow(views);
    sightings.retain(new Set(views.flatMap((view) => idsOf(view))));
  }

  /** Stops all work and forgets what only a hub that acts may go by: when it acts again, others have acted between. */
  async standDown(): Promise<void> {
    await this.jobs.stop();
    this.#missing.clear();
    this.#unwanted.clear();
    this.#announced.clear();
    this.#options.starter.forget();
  }

  async #list(signal: AbortSignal): Promise<ObservedServer[] | undefined> {
    const { spawner, log } = this.#options;
    try {
      const containers = await spawner.list(AbortSignal.any([signal, AbortSignal.timeout(LIST_TIMEOUT_MS)]));
      if (this.#failures >= UNREACHABLE_AFTER) log.info('the container engine answers again');
      this.#failures = 0;
      return containers;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures === UNREACHABLE_AFTER) {
        log.error({ error: messageOf(error) }, 'the container engine does not answer; nothing is stopped');
      }
      return undefined;
    }
  }

  /** Rows that another hub brought to rest are not active any more; whoever keeps them in memory has to hear of it. */
  async #departed(rows: ReadonlyMap<string, ServerRow>): Promise<void> {
    const gone = [...this.#active].filter((id) => !rows.has(id));
    this.#active = new Set(rows.keys());
    for (const row of await this.#options.store.findMany(gone)) this.#options.publisher.remember(row);
    for (const row of rows.values()) this.#options.publisher.remember(row);
  }

  async #unreachable(rows: ReadonlyMap<string, ServerRow>): Promise<void> {
    for (const row of rows.values()) {
      const action = planUnreachable(row);
      if (action !== undefined && this.jobs.isFresh(row.id)) await this.#apply(action);
    }
  }

  async #admit(rows: Map<string, ServerRow>, signal: AbortSignal): Promise<void> {
    const waiting = [...rows.values()].filter((row) => row.desired === 'running' && row.admittedAt === null);
    if (waiting.length === 0) return;
    try {
      for (const row of await this.#options.admission.run(signal)) rows.set(row.id, row);
    } catch (error) {
      this.#options.log.warn({ error: messageOf(error) }, 'nothing can be admitted now');
    }
  }

  /** Adds the rows of containers whose server is at rest: their containers are not wanted any more. */
  async #addIdleOnes(rows: Map<string, ServerRow>, containers: readonly ObservedServer[]): Promise<void> {
    const others = containers.map((container) => container.ref.serverId).filter((id) => !rows.has(id));
    for (const row of await this.#options.store.findMany(others)) if (row.deletedAt === null) rows.set(row.id, row);
  }

  async #reconcile(
    rows: ReadonlyMap<string, ServerRow>,
    containers: readonly ObservedServer[],
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, timing, starter, sightings } = this.#options;
    const views = withContainers(rows, containers).map(({ row, containers: own }) => this.#view(row, own));
    for (const view of views) {
      // On a hub that was replaced meanwhile nothing may be begun, and what is known is not this look's business any more.
      signal.throwIfAborted();
      if (!this.jobs.isFresh(view.row.id)) continue;
      const action = plan(view, clock.now(), timing);
      if (action !== undefined) await this.#apply(action);
      else await this.#announce(view.row);
    }
    signal.throwIfAborted();
    this.#follow(views);
    starter.retain(rows);
    sightings.retain(new Set(views.flatMap((view) => idsOf(view))));
    for (const id of this.#missing.keys()) if (!rows.has(id)) this.#missing.delete(id);
    for (const id of this.#announced.keys()) if (!rows.has(id)) this.#announced.delete(id);
    this.#sweep(rows, containers);
  }

  /** Asks the agents of the containers that are wanted, and forgets all others. */
  #follow(views: readonly Pick<ServerView, 'row' | 'containers'>[]): void {
    const { live, poll } = this.#options;
    const followed = new Set<string>();
    let isNew = false;
    for (const { row, containers } of views) {
      if (row.desired !== 'running') continue;
      const current = currentOf({ row, containers });
      // Where work is under way the snapshot says nothing: what is known stays.
      if (current?.state === 'running' || !this.jobs.isFresh(row.id)) followed.add(row.id);
      if (current?.state === 'running') isNew = live.follow(row, current.ref) || isNew;
    }
    live.retain(followed);
    if (isNew) poll();
  }

  #view(row: ServerRow, containers: readonly ObservedServer[]): ServerView {
    const { clock, live, disk, starter } = this.#options;
    const current = currentOf({ row, containers });
    const missing = row.desired === 'running' && row.engineId !== null && current === undefined;
    if (!missing) this.#missing.delete(row.id);
    else if (!this.#missing.has(row.id)) this.#missing.set(row.id, clock.now());
    return {
      row,
      containers,
      agent: current === undefined ? undefined : live.view(row.id, current.ref.engineId),
      disk: current === undefined ? undefined : disk.use(current.ref.engineId),
      missingSince: this.#missing.get(row.id),
      retryAt: starter.retryAt(row),
    };
  }

  async #apply(action: Action): Promise<void> {
    const { starter, retirer } = this.#options;
    const { row } = action;
    if (action.kind === 'start') {
      this.jobs.start(row.id, row.generation, (signal) => starter.start(row, signal));
    } else if (action.kind === 'retire') {
      this.jobs.start(row.id, undefined, (signal) => retirer.retire(action, signal));
    } else {
      await this.#update(action);
    }
  }

  async #update({ row, patch, opens, closes }: Action & { kind: 'update' }): Promise<void> {
    const { store, runs, sightings, publisher, live, wake } = this.#options;
    const updated = await store.transaction(async (tx) => {
      if (opens !== undefined) await runs.save(runOf(row, opens), tx);
      if (closes !== undefined && row.engineId !== null) {
        const { endedAt: noticedAt, reason } = closes;
        await runs.closeGone(row.engineId, { seenAt: sightings.of(row.engineId), noticedAt, reason }, tx);
      }
      if (patch.deletedAt !== undefined) await runs.dropLogs(row.id, tx);
      return store.update(row, patch, tx);
    });
    if (updated === undefined) {
      wake();
      return;
    }
    this.#announced.set(row.id, readyKey(live, updated));
    publisher.publish(updated);
  }

  /** Counts a change of the ready editors as a change of the server, because the row itself does not hold them. */
  async #announce(row: ServerRow): Promise<void> {
    const { live, store, publisher } = this.#options;
    const key = readyKey(live, row);
    if ((this.#announced.get(row.id) ?? '') === key) return;
    this.#announced.set(row.id, key);
    const touched = await store.touch(row.id);
    if (touched !== undefined) publisher.publish(touched);
  }

  /** Containers that no row wants go, but only after they were seen so for a while: a row may be late, a loss is final. */
  #sweep(rows: ReadonlyMap<string, ServerRow>, containers: readonly ObservedServer[]): void {
    const { clock, retirer, quarantine } = this.#options;
    const now = clock.now();
    const unwanted = containers.filter((container) =>
      isUnwanted(rows.get(container.ref.serverId), container, containers),
    );
    const ids = new Set(unwanted.map((container) => container.ref.engineId));
    for (const id of [...this.#unwanted.keys()]) if (!ids.has(id)) this.#unwanted.delete(id);
    for (const container of unwanted) {
      const { engineId, serverId } = container.ref;
      const since = this.#unwanted.get(engineId) ?? now;
      this.#unwanted.set(engineId, since);
      if (now.getTime() - since.getTime() < quarantine || !this.jobs.isFresh(serverId)) continue;
      this.jobs.start(serverId, undefined, (signal) => retirer.sweep(container, signal));
    }
  }
}

function wants(row: ServerRow | undefined, generation: number): boolean {
  return row?.desired === 'running' && row.generation === generation;
}

function withContainers(
  rows: ReadonlyMap<string, ServerRow>,
  containers: readonly ObservedServer[],
): Pick<ServerView, 'row' | 'containers'>[] {
  const byServer = Map.groupBy(containers, (container) => container.ref.serverId);
  return [...rows.values()].map((row) => ({ row, containers: byServer.get(row.id) ?? [] }));
}

/** The containers that a row knows or the engine lists. */
function idsOf({ row, containers }: Pick<ServerView, 'row' | 'containers'>): string[] {
  const listed = containers.map((container) => container.ref.engineId);
  return row.engineId === null ? listed : [row.engineId, ...listed];
}

function readyKey(live: LiveServers, row: ServerRow): string {
  return (live.facts(row.id, row.generation)?.readyEditors ?? []).join(',');
}

/** No row, a generation that no row ever had, or a second container of the wanted generation. */
function isUnwanted(
  row: ServerRow | undefined,
  container: ObservedServer,
  containers: readonly ObservedServer[],
): boolean {
  if (row === undefined || container.generation > row.generation) return true;
  if (container.generation < row.generation) return false;
  const own = containers.filter((one) => one.ref.serverId === row.id);
  return currentOf({ row, containers: own })?.ref.engineId !== container.ref.engineId;
}
