/** What this browser remembers of a person's choices. Without storage (private mode) nothing is remembered. */
export type Remembered = 'language' | 'theme' | 'start';

/** The remembered text, if there is one. */
export function recall(key: Remembered): string | undefined {
  try {
    return localStorage.getItem(`davit.${key}`) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Remembers `value`, or does nothing where the browser refuses storage. */
export function remember(key: Remembered, value: string): void {
  try {
    localStorage.setItem(`davit.${key}`, value);
  } catch {
    // A full or forbidden storage only costs the memory of a choice.
  }
}
