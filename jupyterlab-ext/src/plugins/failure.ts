import type { Problem } from '@davit/contract';
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

/** A notification has room for so much; more is cut off by the host. */
const MAX = 140;

/** Cuts a text to what a notification shows. */
export function short(text: string): string {
  return text.length <= MAX ? text : `${text.slice(0, MAX - 1)}…`;
}

/** What went wrong, in words: the hub's own, with the servers that stand in the way, or that it does not answer. */
export function failureText(error: unknown, trans: TranslationBundle): string {
  if (error instanceof Error && !(error instanceof TypeError)) {
    const servers = serversOf(error);
    if (servers.length === 0) return error.message;
    const names = servers.reduce((all, name) => trans.__('%1, %2', all, name));
    return `${error.message} ${trans.__('These servers use it: %1', names)}`;
  }
  return trans.__('The hub does not answer. Try again in a moment.');
}

function serversOf(error: Error): string[] {
  const servers = 'problem' in error ? (error.problem as Problem).details?.['servers'] : undefined;
  if (!Array.isArray(servers)) return [];
  return servers.flatMap((one: { name?: unknown } | null) => (typeof one?.name === 'string' ? [one.name] : []));
}

/** Does what a command is for and tells when it fails; a rejected command would only reach the console. */
export async function telling(trans: TranslationBundle, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    Notification.error(short(failureText(error, trans)));
  }
}
