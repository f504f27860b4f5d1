/** How an action ended: done, given up by the person, or failed with something to say. */
export type Result = { ok: true } | { cancelled: true } | { error: Error };

export const OK: Result = { ok: true };
export const CANCELLED: Result = { cancelled: true };

/** Anything thrown as an error. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
