import { readFile } from 'node:fs/promises';

/** Where the hub writes the token of this server; a directory mount, so that a rotation by rename is seen. */
const TOKEN_FILE = '/run/davit/token';

/** How the extension reaches the hub: the base address, and the file that always has the current token. */
export interface HubAddress {
  url: string;
  tokenFile: string;
}

/** The address that the hub gave to this server, or undefined where there is no hub. */
export function hubAddress(env: Readonly<Record<string, string | undefined>>): HubAddress | undefined {
  const url = env['DAVIT_API_URL']?.trim().replace(/\/+$/, '');
  if (url === undefined || !URL.canParse(url)) return undefined;
  return { url, tokenFile: env['DAVIT_TOKEN_FILE'] ?? TOKEN_FILE };
}

/**
 * The current token, or undefined while there is none. Read anew for each request: the file lies in memory, and a copy
 * kept here would be the old token after each rotation.
 */
export async function readToken({ tokenFile }: HubAddress): Promise<string | undefined> {
  const text = await readFile(tokenFile, 'utf8').catch(() => '');
  return text.trim() === '' ? undefined : text.trim();
}
