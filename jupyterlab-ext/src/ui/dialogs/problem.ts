import type { Problem } from '@davit/contract';
import type { TranslationBundle } from '@jupyterlab/translation';
import { failureText } from '../../plugins/failure.ts';

/** What a form shows of a failure: the sentence, and the messages at its fields. */
export interface FormFailure {
  error: string;
  fieldErrors: Record<string, string>;
}

/** Takes a refusal of the hub apart; a message at a field is not said twice. */
export function formFailure(error: unknown, trans: TranslationBundle): FormFailure {
  const problem = error instanceof Error && 'problem' in error ? (error.problem as Problem) : undefined;
  const fields = (problem?.fields ?? []).map(({ path, message }) => [path, message] as const);
  return { error: failureText(error, trans), fieldErrors: Object.fromEntries(fields) };
}
