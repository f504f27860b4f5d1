import type { AnyRoute, ChangeEvent, RouteCall, RouteOutput, ServerApiInfo } from '@davit/contract';
import type * as Contract from '@davit/contract';
import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { Signal, type ISignal } from '@lumino/signaling';
import type { Change, HubPhase, IHub } from '../tokens.ts';
import type { Found } from './probe.ts';

/** What the live connection tells. */
export interface LiveListener {
  connected: () => void;
  disconnected: () => void;
  changed: (event: ChangeEvent) => void;
}

/** The part that knows the contract; loaded once a hub was found. */
export interface Api {
  call: <T extends AnyRoute>(route: (contract: typeof Contract) => T, call: RouteCall<T>) => Promise<RouteOutput<T>>;
  live: (listener: LiveListener) => IDisposable;
  isRefusal: (error: unknown, status: number) => boolean;
  hubText: (text: string) => string;
}

/** `root`: undefined where no hub can be. */
export interface HubOptions {
  root: string | undefined;
  probe: (root: string) => Promise<Found>;
  loadApi: (root: string) => Promise<Api>;
}

/** A hub that is not there is looked for seldom: most such JupyterLabs never have one. */
const ABSENT_MS = 300_000;
/** A hub that was there comes back soon, after a restart or a sleep of the machine. */
const LOST_MS = 2_000;
const LOST_MAX_MS = 60_000;

/** Finds the hub, keeps the live connection, and notices when either goes. */
export class Hub implements IHub {
  readonly root: string | undefined;
  #phase: HubPhase = 'looking';
  #info: ServerApiInfo | undefined;
  #api: Promise<Api> | undefined;
  #hubText = asIs;
  #live: IDisposable | undefined;
  #isDisposed = false;
  readonly #options: HubOptions;
  readonly #poll: Poll<undefined, undefined>;
  readonly #phaseChanged = new Signal<this, HubPhase>(this);
  readonly #changes = new Signal<this, Change>(this);

  constructor(options: HubOptions) {
    this.#options = options;
    this.root = options.root;
    this.#poll = new Poll({
      auto: false,
      factory: () => this.#look(),
      frequency: { interval: ABSENT_MS, backoff: false, max: ABSENT_MS },
      name: 'jupyterlab-davit:hub',
      standby: 'when-hidden',
    });
    if (options.root === undefined) this.#phase = 'absent';
    else void this.#poll.start();
  }

  get phase(): HubPhase {
    return this.#phase;
  }

  get info(): ServerApiInfo | undefined {
    return this.#info;
  }

  get phaseChanged(): ISignal<this, HubPhase> {
    return this.#phaseChanged;
  }

  get changes(): ISignal<this, Change> {
    return this.#changes;
  }

  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  async call<T extends AnyRoute>(route: (contract: typeof Contract) => T, call: RouteCall<T>): Promise<RouteOutput<T>> {
    if (this.root === undefined) throw new TypeError('There is no hub.');
    const api = await this.#loadApi(this.root);
    try {
      return await api.call(route, call);
    } catch (error) {
      if (api.isRefusal(error, 401)) this.#enter('signed-out');
      else if (error instanceof TypeError) this.#lose();
      throw error;
    }
  }

  hubText(text: string): string {
    return this.#hubText(text);
  }

  async retry(): Promise<void> {
    if (this.root === undefined) return;
    await this.#poll.refresh();
    await this.#poll.tick.catch(() => undefined);
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#poll.dispose();
    this.#live?.dispose();
    Signal.clearData(this);
  }

  /** One look; rejects while a hub that was there does not answer, which makes the poll wait longer each time. */
  async #look(): Promise<undefined> {
    if (this.root === undefined) return;
    const found = await this.#options.probe(this.root);
    if (this.#isDisposed) return;
    if (found.is === 'hub') return this.#connect(this.root, found.info);
    if (found.is === 'signed-out') this.#enter('signed-out');
    else if (this.#info === undefined) this.#enter('absent');
    else {
      this.#enter('lost');
      throw new Error('The hub does not answer.');
    }
  }

  async #connect(root: string, info: ServerApiInfo): Promise<undefined> {
    const api = await this.#loadApi(root);
    if (this.#isDisposed) return;
    this.#info = info;
    const found = this.#phase !== 'connected';
    this.#enter('connected');
    if (found) this.#changes.emit('all');
    let fresh = true;
    this.#live ??= api.live({
      connected: () => {
        // Events of the time without a connection are gone. The first connection follows the questions just asked.
        if (!fresh) this.#changes.emit('all');
        fresh = false;
      },
      disconnected: () => this.#lose(),
      changed: (event) => this.#changes.emit(event),
    });
  }

  #lose(): void {
    if (this.#phase !== 'connected' || this.#isDisposed) return;
    // One request that failed is no loss yet: the look at once decides.
    void this.#poll.refresh();
  }

  #enter(phase: HubPhase): void {
    if (phase !== 'connected' && phase !== 'lost') {
      this.#live?.dispose();
      this.#live = undefined;
    }
    this.#poll.frequency = FREQUENCY[phase];
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#phaseChanged.emit(phase);
  }

  #loadApi(root: string): Promise<Api> {
    this.#api ??= this.#options.loadApi(root);
    this.#api.then(
      ({ hubText }) => {
        this.#hubText = hubText;
      },
      () => {
        // The file may come at the next try; a kept failure would stay for ever.
        this.#api = undefined;
      },
    );
    return this.#api;
  }
}

function asIs(text: string): string {
  return text;
}

const SELDOM = { interval: ABSENT_MS, backoff: false, max: ABSENT_MS } as const;

/** How often each phase looks; a connected page is told by its live connection or by a call that fails. */
const FREQUENCY = {
  looking: SELDOM,
  absent: SELDOM,
  'signed-out': SELDOM,
  connected: SELDOM,
  lost: { interval: LOST_MS, backoff: true, max: LOST_MAX_MS },
} as const;
