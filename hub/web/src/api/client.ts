import { ApiError, createClient } from '@davit/contract';

/** The hub's API on this page's own origin; the session cookie goes along by itself. */
export const api = createClient({ baseUrl: '' });

/** Whether the hub says that nobody is signed in (any more). */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.problem.code === 'unauthenticated';
}

/** The hub's messages by field name, for forms whose fields are named as in the request. */
export function fieldErrors(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries((error.problem.fields ?? []).map(({ path, message }) => [path, message]));
}

/** What to tell a person about a failed request; `noAnswer` when the hub did not answer at all. */
export function errorText(error: unknown, noAnswer: string): string {
  return error instanceof ApiError ? error.problem.detail : noAnswer;
}
