import type { IncomingMessage } from 'node:http';
import type { Origins } from '../domains/access/index.ts';
import { readCookie } from './cookies.ts';
import { languageOf, type Language } from './pages/texts.ts';

/** On the servers' hosts: which language the person chose on the hub's pages. It says nothing else, so it needs no secret. */
const COOKIE = 'davit-language';
const LIFE_S = 365 * 24 * 3600;
const LANGUAGES = new Set<unknown>(['en', 'zh'] satisfies Language[]);

/** The language of the proxy's pages: as chosen on the hub when the server was opened, else what the browser asks for. */
export function pageLanguage({ headers }: Pick<IncomingMessage, 'headers'>): Language {
  const chosen = readCookie(headers.cookie, COOKIE);
  return isLanguage(chosen) ? chosen : languageOf(headers['accept-language']);
}

/** The `Set-Cookie` value that keeps a language for a server; undefined for what is none. */
export function languageCookie(
  language: string | null,
  { origins, serverId }: { origins: Pick<Origins, 'basePath'>; serverId: string },
): string | undefined {
  if (!isLanguage(language)) return undefined;
  return `${COOKIE}=${language}; Path=${origins.basePath(serverId)}/; Max-Age=${LIFE_S}; HttpOnly; SameSite=Lax`;
}

function isLanguage(text: unknown): text is Language {
  return LANGUAGES.has(text);
}
