import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';
import type { Change, HubPhase, IHub, IModel } from '../tokens.ts';

export interface ModelOptions {
  hub: IHub;
  name: string;
  /** Each so manieth turn of the poll asks for everything, the others only for what changes without an event. */
  fullEvery: number;
}

/** What a failed turn waits at most. */
const MAX_WAIT_MS = 300_000;

/**
 * The common part of the models: asks when the hub is found and when a change concerns it, and every so often while
 * somebody watches and the page is visible.
 */
export abstract class Model implements IModel {
  protected readonly hub: IHub;
  readonly #fullEvery: number;
  #failure: string | undefined;
  #turn = 0;
  #running: Promise<void> | undefined;
  #again = false;
  #isDisposed = false;
  readonly #watchers = new Map<IDisposable, number>();
  readonly #poll: Poll<undefined, undefined>;
  readonly #changed = new Signal<this, void>(this);

  constructor({ hub, name, fullEvery }: ModelOptions) {
    this.hub = hub;
    this.#fullEvery = fullEvery;
    this.#poll = new Poll({
      auto: false,
      factory: () => this.#takeTurn(),
      frequency: { interval: Poll.NEVER, backoff: true, max: MAX_WAIT_MS },
      name: `jupyterlab-davit:${name}`,
      standby: 'when-hidden',
    });
    hub.phaseChanged.connect(this.#onPhase, this);
    hub.changes.connect(this.#onChange, this);
    // Not before the constructors of the real model are through: their fields are not there yet.
    void Promise.resolve().then(() => this.refresh());
  }

  get changed(): ISignal<this, void> {
    return this.#changed;
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  watch(everyMs: number): IDisposable {
    const watcher = new DisposableDelegate(() => {
      this.#watchers.delete(watcher);
      this.#pace();
    });
    const first = this.#watchers.size === 0;
    this.#watchers.set(watcher, everyMs);
    this.#pace();
    if (first && this.hub.phase === 'connected') void this.refresh();
    return watcher;
  }

  async refresh(): Promise<void> {
    if (this.#isDisposed || this.hub.phase !== 'connected') return;
    // A question on its way may have been answered before the change that this call is about.
    this.#again = this.#running !== undefined;
    await (this.#running ?? this.#ask(true).catch(() => undefined));
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#poll.dispose();
    this.#watchers.clear();
    Signal.clearData(this);
  }

  protected get watched(): boolean {
    return this.#watchers.size > 0;
  }

  /** Asks the hub and keeps what it says; `full` also for what events tell of. */
  protected abstract load(full: boolean): Promise<void>;

  /** Whether a change concerns this model. */
  protected abstract concerns(change: Exclude<Change, 'all'>): boolean;

  /** So often the model asks though nobody looks, because something goes on; undefined: not at all. */
  protected busyMs(): number | undefined {
    return undefined;
  }

  protected emit(): void {
    if (!this.#isDisposed) this.#changed.emit();
  }

  async #takeTurn(): Promise<undefined> {
    this.#turn += 1;
    if (this.hub.phase === 'connected' && this.#running === undefined)
      await this.#ask(this.#turn % this.#fullEvery === 0);
  }

  /** One round of questions at a time; rejects when it failed, after the views were told. */
  async #ask(full: boolean): Promise<void> {
    this.#running = this.#load(full);
    try {
      await this.#running;
    } finally {
      this.#running = undefined;
      this.#pace();
      this.emit();
      if (this.#again) {
        this.#again = false;
        void this.refresh();
      }
    }
  }

  async #load(full: boolean): Promise<void> {
    try {
      await this.load(full);
      this.#failure = undefined;
    } catch (error) {
      // That nothing answers is said once for all by the hub's phase; what was known stays on the screen.
      this.#failure = error instanceof TypeError || !(error instanceof Error) ? undefined : error.message;
      throw error;
    }
  }

  /** Sets the poll to the fastest of those who want it. */
  #pace(): void {
    if (this.#isDisposed) return;
    const interval = Math.min(...this.#watchers.values(), this.busyMs() ?? Poll.NEVER, Poll.NEVER);
    if (interval === this.#poll.frequency.interval) return;
    this.#poll.frequency = { interval, backoff: true, max: Math.max(interval, MAX_WAIT_MS) };
    if (interval === Poll.NEVER) void this.#poll.stop();
    else void this.#poll.schedule({ interval, phase: 'resolved' });
  }

  #onPhase(_: IHub, phase: HubPhase): void {
    if (phase !== 'connected') this.emit();
  }

  #onChange(_: IHub, change: Change): void {
    if (change === 'all' || this.concerns(change)) void this.refresh();
  }
}
