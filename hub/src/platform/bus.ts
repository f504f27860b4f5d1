import type { ChangeEvent } from '@davit/contract';
import { under } from './ticket.ts';

/** Who is told of a change: the owner (by user id), admins always. `everyone` for things all may see. */
export interface Audience {
  userIds?: readonly string[];
  everyone?: boolean;
}

/** A change and who hears of it. */
export interface BusMessage {
  event: ChangeEvent;
  audience: Audience;
  /** Another hub on the same database made the change. */
  elsewhere?: true;
}

type Listener = (message: BusMessage) => void;

/**
 * Carries hints after commit, inside this process and through relayTo() to other hubs. A listener may miss some and must
 * not rely on them: loops run without.
 */
export class Bus {
  readonly #listeners = new Set<{ hear: Listener; missed: () => void }>();
  #relay: Listener = () => undefined;

  /** Tells all listeners, here and at other hubs; one that throws does not stop the others. */
  emit(event: ChangeEvent, audience: Audience): void {
    this.#deliver({ event, audience });
    this.#relay({ event, audience });
  }

  /** Tells listeners here of what another hub emitted. */
  receive({ event, audience }: BusMessage): void {
    this.#deliver({ event, audience, elsewhere: true });
  }

  /** Says that hints of other hubs were lost: whatever is kept in memory because of them may be old. */
  missed(): void {
    for (const listener of this.#listeners) this.#call(() => listener.missed());
  }

  /** Adds a listener and returns what removes it. `missed` is called when hints of other hubs may have been lost. */
  subscribe(hear: Listener, missed: () => void = () => undefined): () => void {
    const listener = { hear, missed };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Says what carries hints to other hubs. */
  relayTo(relay: Listener): void {
    this.#relay = relay;
  }

  #deliver(message: BusMessage): void {
    for (const listener of this.#listeners) this.#call(() => listener.hear(message));
  }

  /** Under no ticket: what a listener begins is its own, and must not end with the work that told it. */
  #call(listener: () => void): void {
    try {
      under(undefined, listener);
    } catch {
      // A hint is lost, nothing more: the next tick or refetch sees the change.
    }
  }
}
