import type { ChangeEvent, ServerApiInfo } from '@davit/contract';
import type { Clock } from '../base/clock.ts';
import { Signal, type Disposable } from '../base/signal.ts';

/**
 * `absent`: no hub answers, or none is meant to; a calm state. `lost`: it did answer in this window and will again.
 */
export type HubState =
  | { phase: 'absent' }
  | { phase: 'connecting' }
  | { phase: 'connected'; info: ServerApiInfo }
  | { phase: 'lost'; info: ServerApiInfo };

/** Live events as the hub needs them; `connected` comes with each new connection, `ended` with each end. */
export interface Live extends Disposable {
  connected: Signal;
  ended: Signal;
  change: Signal<ChangeEvent>;
}

export interface HubOptions {
  /** How to ask who we are and to hear events; left out where there is no address to ask. */
  connect?: { ask: () => Promise<ServerApiInfo>; live: () => Live };
  clock: Clock;
}

const FIRST_RETRY_MS = 2000;
const LAST_RETRY_MS = 120_000;
/** After the end of a live connection the hub is asked so late, that a short gap says nothing. */
const AFTER_END_MS = 1500;

/** The connection to the hub: found at the start, lost and found again without a word of error. */
export class Hub {
  readonly stateChanged = new Signal<HubState>();
  readonly change = new Signal<ChangeEvent>();
  /** Events may have been missed: everything shown is to be asked for again. */
  readonly missed = new Signal();
  readonly #options: HubOptions;
  #state: HubState = { phase: 'connecting' };
  #live: Live | undefined;
  #retry: Disposable | undefined;
  #failures = 0;
  #ended = false;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  get state(): HubState {
    return this.#state;
  }

  /** Asks the hub who we are, now; resolves when it is known whether it answers. */
  async connect(): Promise<void> {
    this.#retry?.dispose();
    const { connect } = this.#options;
    if (connect === undefined) {
      this.#set({ phase: 'absent' });
      return;
    }
    try {
      const info = await connect.ask();
      if (this.#ended) return;
      this.#failures = 0;
      this.#set({ phase: 'connected', info });
      this.#live ??= this.#listen(connect.live());
    } catch {
      if (this.#ended) return;
      this.#set('info' in this.#state ? { phase: 'lost', info: this.#state.info } : { phase: 'absent' });
      this.#again(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures));
      this.#failures += 1;
    }
  }

  dispose(): void {
    this.#ended = true;
    this.#retry?.dispose();
    this.#live?.dispose();
  }

  #listen(live: Live): Live {
    live.change.on((event) => this.change.emit(event));
    let ended = false;
    live.connected.on(() => {
      if (this.#state.phase !== 'connected') void this.connect();
      else if (ended) this.missed.emit();
    });
    live.ended.on(() => {
      ended = true;
      this.#again(AFTER_END_MS);
    });
    return live;
  }

  #again(ms: number): void {
    this.#retry?.dispose();
    this.#retry = this.#options.clock.after(ms, () => void this.connect());
  }

  #set(state: HubState): void {
    const back = state.phase === 'connected' && this.#state.phase !== 'connected';
    this.#state = state;
    this.stateChanged.emit(state);
    if (back) this.missed.emit();
  }
}
