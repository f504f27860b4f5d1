import { ApiError, createClient } from '@davit/contract';

/** The hub's API on this page's own origin; the session cookie goes along by itself. */
export const api = createClient({ baseUrl: '' });

/** Whether the hub says that nobody is signed in (any more). */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.problem.code === 'unauthenticated';
}

/** Words for failures: what the hub said in the reader's language, and that it did not answer at all. */
interface FailureTexts {
  hubText: (text: string) => string;
  noAnswer: string;
}

/** The hub's messages by field name, for forms whose fields are named as in the request. */
export function fieldErrors(error: unknown, { hubText }: FailureTexts): Record<string, string> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries((error.problem.fields ?? []).map(({ path, message }) => [path, hubText(message)]));
}

/** What to tell a person about a failed request. */
export function errorText(error: unknown, texts: FailureTexts): string {
  return error instanceof ApiError ? texts.hubText(error.problem.detail) : texts.noAnswer;
}
