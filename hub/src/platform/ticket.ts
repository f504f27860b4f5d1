import { AsyncLocalStorage } from 'node:async_hooks';

/** The right to act on the world, as one hub has it for a while. */
export interface Hold {
  /** Grows with each new holder, so that what an earlier one still does is told from what the present one does. */
  readonly fence: number;
  /** Aborted when the right has ended: whatever acts under it stops. */
  readonly signal: AbortSignal;
}

/** What a loop must have to act. With several hubs on one database, one of them has it. */
export interface Ticket {
  /** Undefined while this hub may not act. */
  readonly hold: Hold | undefined;
  /**
   * Calls `listener` when this hub may act, with undefined when it may not any more. What the listener then returns is waited
   * for before another hub is let in by an orderly end. Returns what removes the listener.
   */
  onChange(listener: (hold: Hold | undefined) => unknown): () => void;
  /** To be asked before each step that acts. Rejects unless the right under which the caller works still stands. */
  confirm(): Promise<void>;
}

/** The right has ended, or somebody acts who never had it. */
export class NotHeld extends Error {}

/** For a hub that is alone by its nature. */
export const ALWAYS_HELD: Ticket = {
  hold: { fence: 0, signal: new AbortController().signal },
  onChange: () => () => undefined,
  confirm: () => Promise.resolve(),
};

const working = new AsyncLocalStorage<Hold | undefined>();

/** Runs work, and all that it begins, under a right; undefined: under none. */
export function under<T>(hold: Hold | undefined, work: () => T): T {
  return working.run(hold, work);
}

/** The right under which the caller was begun. */
export function holdOfWork(): Hold | undefined {
  return working.getStore();
}

/** The same driver, but before each of `calls` the ticket is confirmed: a hub that was replaced acts no more. */
export function ticketed<T extends object>(driver: T, calls: readonly (keyof T)[], ticket: Ticket): T {
  const acting = new Set<PropertyKey>(calls);
  return new Proxy(driver, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const method = value.bind(target) as (...args: unknown[]) => unknown;
      if (!acting.has(name)) return method;
      return async (...args: unknown[]) => {
        await ticket.confirm();
        return method(...args);
      };
    },
  });
}
