import { ApiError } from '@davit/contract';
import type { Texts } from '../i18n/en.ts';

/** What went wrong, for a person: the hub's own sentence, with the servers that stand in the way, or that it is silent. */
export function failureText(error: Error, texts: Texts): string {
  if (!(error instanceof ApiError)) return isNoAnswer(error) ? texts.connection.noAnswer : error.message;
  const { detail, details, fields = [] } = error.problem;
  const parts = [fields.reduce((text, { path }) => inWords(text, path, texts), detail)];
  const servers = serverNames(details?.['servers']);
  if (servers.length > 0) parts.push(texts.images.usedBy(texts.list(servers)));
  return parts.join(' ');
}

/** The text with `shares.1.name:` called `Name:`. */
function inWords(text: string, path: string, { images }: Texts): string {
  const key = path.split('.').findLast((part) => !/^\d+$/.test(part)) ?? path;
  const name = Object.entries(images.fields).find(([known]) => known === key)?.[1];
  if (name === undefined) return text;
  return text.replaceAll(`${path}:`, `${name}:`).replaceAll(`${path}：`, `${name}：`);
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
