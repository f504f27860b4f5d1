import type { ChangeEvent } from '@davit/contract';

/** Who is told of a change: the owner (by user id), admins always. `everyone` for things all may see. */
export interface Audience {
  userIds?: readonly string[];
  everyone?: boolean;
}

/** A change and who hears of it. */
export interface BusMessage {
  event: ChangeEvent;
  audience: Audience;
}

type Listener = (message: BusMessage) => void;

/**
 * Carries hints inside one process, after commit. A listener may miss some and must not rely on them: loops run without.
 */
export class Bus {
  readonly #listeners = new Set<Listener>();

  /** Tells all listeners; one that throws does not stop the others. */
  emit(event: ChangeEvent, audience: Audience): void {
    for (const listener of this.#listeners) {
      try {
        listener({ event, audience });
      } catch {
        // A hint is lost, nothing more: the next tick or refetch sees the change.
      }
    }
  }

  /** Adds a listener and returns what removes it. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
