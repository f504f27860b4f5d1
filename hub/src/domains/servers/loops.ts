import type { Logger } from '../../platform/log.ts';
import { Loop, type LoopOptions } from '../../platform/loop.ts';
import type { Ticket } from '../../platform/ticket.ts';
import type { DiskWatch } from './diskWatch.ts';
import type { Elsewhere } from './elsewhere.ts';
import type { LiveServers } from './live.ts';
import type { Reconciler } from './reconciler.ts';
import type { Releaser } from './releaser.ts';
import type { ServerTokens } from './serverTokens.ts';

/** Between two looks for server tokens that are old enough to be replaced. */
const TOKENS_MS = 60_000;
/** Between two looks whose turn it is to have its disk looked at. */
const DISK_TICK_MS = 5_000;
/** All of them, one after the other, may take long. */
const DISK_TIMEOUT_MS = 1_800_000;

interface ServerLoopsOptions {
  reconciler: Reconciler;
  elsewhere: Elsewhere;
  live: LiveServers;
  releaser: Releaser;
  tokens: ServerTokens;
  disk: DiskWatch;
  /** Between two looks at rows and engine that nobody asked for, in milliseconds. */
  tickMs: number;
  ticket: Ticket;
  log: Logger;
  onTick: LoopOptions['onTick'];
}

/** All that happens by itself to servers. Of several hubs on one database one acts; all observe and ask the agents. */
export class ServerLoops {
  readonly #servers: Loop;
  readonly #observer: Loop;
  readonly #agents: Loop;
  readonly #releases: Loop;
  readonly #tokens: Loop;
  /** Left out where no disk is watched. */
  readonly #disks: Loop | undefined;

  constructor({
    reconciler,
    elsewhere,
    live,
    releaser,
    tokens,
    disk,
    tickMs,
    ticket,
    log,
    onTick,
  }: ServerLoopsOptions) {
    const acting = { ticket, log, onTick };
    const mayAct = (): boolean => ticket.hold !== undefined;
    this.#servers = new Loop({ ...acting, name: 'servers', everyMs: tickMs, run: (signal) => reconciler.tick(signal) });
    this.#observer = new Loop({
      name: 'observer',
      everyMs: tickMs,
      run: async (signal) => {
        await elsewhere.takeIn();
        if (!mayAct()) await reconciler.observe(signal, mayAct);
      },
      log,
      onTick,
    });
    this.#agents = new Loop({
      name: 'agents',
      everyMs: () => live.untilNext(),
      run: () => {
        live.poll();
        return Promise.resolve();
      },
      log,
    });
    this.#releases = new Loop({
      ...acting,
      name: 'release',
      everyMs: () => releaser.untilNext(),
      run: (signal) => releaser.tick(signal),
    });
    this.#tokens = new Loop({
      ...acting,
      name: 'server-tokens',
      everyMs: TOKENS_MS,
      run: (signal) => tokens.rotate(signal),
    });
    const look = { everyMs: DISK_TICK_MS, timeoutMs: DISK_TIMEOUT_MS, run: (signal: AbortSignal) => disk.look(signal) };
    this.#disks = disk.needed ? new Loop({ ...acting, ...look, name: 'disks' }) : undefined;
  }

  /** Has rows and engine compared now. */
  wake(): void {
    this.#servers.wake();
    this.#observer.wake();
  }

  /** Has the agents asked whose turn it is now. */
  poll(): void {
    this.#agents.wake();
  }

  /** Has it looked now who is to be released. */
  look(): void {
    this.#releases.wake();
  }

  start(): void {
    for (const loop of this.#all()) loop.start();
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    await Promise.all(this.#all().map((loop) => loop.stop()));
  }

  #all(): Loop[] {
    const always = [this.#servers, this.#observer, this.#agents, this.#tokens, this.#releases];
    return this.#disks === undefined ? always : [...always, this.#disks];
  }
}
