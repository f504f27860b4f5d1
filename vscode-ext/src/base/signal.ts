/** What goes away by `dispose`. */
export interface Disposable {
  dispose(): void;
}

/** Tells its listeners that something happened; those added while it tells are told the next time. */
export class Signal<T = void> {
  readonly #listeners = new Set<(value: T) => void>();

  /** Adds a listener until the answer is disposed. */
  on(listener: (value: T) => void): Disposable {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  emit(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}

/** Disposes all of them, the last first. */
export function disposeAll(disposables: Disposable[]): void {
  while (disposables.length > 0) disposables.pop()?.dispose();
}
