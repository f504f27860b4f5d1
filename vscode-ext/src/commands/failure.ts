import { ApiError } from '@davit/contract';
import type { Texts } from '../i18n/en.ts';

/** What went wrong, for a person: the hub's own sentence, with the servers that stand in the way, or that it is silent. */
export function failureText(error: Error, texts: Texts): string {
  if (!(error instanceof ApiError)) return isNoAnswer(error) ? texts.connection.noAnswer : error.message;
  const { detail, details, fields } = error.problem;
  const parts = [detail];
  const servers = serverNames(details?.['servers']);
  if (servers.length > 0) parts.push(texts.images.usedBy(texts.list(servers)));
  for (const { path, message } of fields ?? []) parts.push(texts.pair(path, message));
  return parts.join(' ');
}

/** True for what a fetch throws when nothing answers or not in time. */
function isNoAnswer(error: Error): boolean {
  return ['TypeError', 'TimeoutError', 'AbortError'].includes(error.name);
}

function serverNames(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown) => {
    const { name } = (one ?? {}) as { name?: unknown };
    return typeof name === 'string' ? [name] : [];
  });
}
