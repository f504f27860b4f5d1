import type { Freed, ReleasePolicy, ReleaseState } from '@davit/contract';
import type { Actor } from '../../platform/auth.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Transaction } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import type { LiveServers } from './live.ts';
import type { ServerPatch, ServerRow } from './model.ts';
import type { People } from './ports.ts';
import type { ReleaseBook } from './releaseBook.ts';
import { notFound, requireServer, type Deed } from './rights.ts';
import type { Publisher } from './rows.ts';
import type { ServerStore } from './store.ts';
import { stopPatch } from './transitions.ts';

export interface ReleaseServiceOptions {
  store: ServerStore;
  book: ReleaseBook;
  live: Pick<LiveServers, 'askNow' | 'word'>;
  publisher: Publisher;
  people: People;
  clock: Clock;
  /** Asks the loop of the servers for a tick. */
  wake: () => void;
  /** Asks the loop of the releases for a look. */
  look: () => void;
}

/** How a server stands towards its release, null unless it runs, and what may be chosen. */
export interface ReleaseOutlook {
  state: ReleaseState | null;
  allowed: ReleasePolicy[];
}

const HOUR = 3_600_000;
/** Input is written at most so often. */
const INPUT_EVERY_MS = 60_000;

/** What people do about the release of a server. */
export class ReleaseService {
  readonly #options: ReleaseServiceOptions;

  constructor(options: ReleaseServiceOptions) {
    this.#options = options;
  }

  async get(actor: Actor, id: string): Promise<ReleaseOutlook> {
    return this.#outlook(actor, await this.#require(actor, id, 'see'));
  }

  /** Wants no container any more. Answers what the server holds until its container is gone, which is a matter of seconds. */
  async release(actor: Actor, id: string): Promise<Freed> {
    const { wake } = this.#options;
    await this.#require(actor, id, 'stop');
    const { before } = await this.#change(id, (row) => {
      if (row.reserved) return stopPatch(row);
      throw new AppError('conflict', 'This server does not run, so it holds nothing that could be freed.');
    });
    wake();
    const { cpu, memoryMb, gpu, gpuIds } = before;
    return { resources: { cpu, memoryMb, gpu }, gpuIds };
  }

  /** Puts the release off to so many hours from now; one that was put off further stays so. */
  async keep(actor: Actor, id: string, hours: number): Promise<ReleaseState> {
    const { clock } = this.#options;
    await this.#require(actor, id, 'keep');
    const { after } = await this.#change(id, (row) => {
      requireRunning(row);
      const until = new Date(clock.now().getTime() + hours * HOUR);
      // A clock that was set back must not put it off for ever, so only what is ahead counts.
      return row.keepUntil !== null && row.keepUntil >= until ? undefined : { keepUntil: until };
    });
    const { state } = await this.#outlook(actor, after);
    if (state === null) throw notRunning();
    return state;
  }

  async setPolicy(actor: Actor, id: string, policy: ReleasePolicy): Promise<ReleaseOutlook> {
    await this.#require(actor, id, 'keep');
    const chosen = await this.#options.book.choose(await this.#role(actor), policy, 'policy');
    // The warning of another policy says nothing about this one.
    const { after } = await this.#change(id, (row) =>
      row.releasePolicy === chosen ? undefined : { releasePolicy: chosen, warnedAt: null },
    );
    return this.#outlook(actor, after);
  }

  /**
   * An editor saw its person type or click. Without a page nobody is there to do so: VS Code takes its window for the
   * active one for another ten minutes after the browser was killed.
   */
  async reportInput(actor: Actor, id: string): Promise<void> {
    const row = await this.#require(actor, id, 'use');
    if (!(await this.#hasNoPage(row))) await this.noteInput(id);
  }

  /** A person did something with a server; nothing is asked about rights. */
  async noteInput(id: string): Promise<void> {
    const { store, clock, look } = this.#options;
    if (await store.noteInput(id, clock.now(), INPUT_EVERY_MS)) look();
  }

  /** As the agent says now: what it said last may be older than the page. */
  async #hasNoPage({ id, engineId }: ServerRow): Promise<boolean> {
    const { live } = this.#options;
    const isDenied = (): boolean => {
      const word = live.word(id, engineId);
      return word?.fresh === true && word.activity.pagesOpen === 0;
    };
    return isDenied() && (await live.askNow(id)) && isDenied();
  }

  async #outlook(actor: Actor, row: ServerRow): Promise<ReleaseOutlook> {
    const { book } = this.#options;
    const assess = await book.open();
    const { allowed } = await book.policiesOf(await this.#role(actor, row));
    return { state: assess(row)?.state ?? null, allowed };
  }

  /** Whose choices count: those of the actor, for whoever may only look those of the owner. */
  async #role(actor: Actor, row?: ServerRow) {
    const { people } = this.#options;
    const mayChoose = row === undefined || row.ownerId === actor.userId || actor.role === 'admin';
    const person = await people.find(mayChoose ? actor.userId : row.ownerId);
    return person?.role ?? actor.role;
  }

  /** Changes the locked row; `before` is as it was found. */
  async #change(
    id: string,
    transition: (row: ServerRow) => ServerPatch | undefined,
  ): Promise<{ before: ServerRow; after: ServerRow }> {
    const { store, publisher, look } = this.#options;
    const changed = await store.transaction(async (tx: Transaction) => {
      const before = await store.lock(id, tx);
      if (before === undefined) throw notFound();
      const patch = transition(before);
      const after = patch === undefined ? before : await store.update(before, patch, tx);
      if (after === undefined) throw new Error('a locked row was changed by somebody else');
      return { before, after };
    });
    if (changed.after !== changed.before) publisher.publish(changed.after);
    look();
    return changed;
  }

  #require(actor: Actor, id: string, deed: Deed): Promise<ServerRow> {
    return requireServer(actor, id, deed, this.#options);
  }
}

function requireRunning(row: ServerRow): void {
  if (row.desired !== 'running' || row.readyAt === null) throw notRunning();
}

function notRunning(): AppError {
  return new AppError('conflict', 'This server does not run, so there is nothing to keep. Start it first.');
}
