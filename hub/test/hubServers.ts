import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { promisify } from 'node:util';
import type { HubProcess } from './hubProcess.ts';

const run = promisify(execFile);
/** The engine that the hub chooses, too: a Docker of the system before Podman. */
export const ENGINE = existsSync('/var/run/docker.sock') ? 'docker' : 'podman';

/** What a browser does on a server's host: sends its own cookie and the right Host. */
export interface Browserish {
  host: string;
  cookie: string;
  status(path: string, headers?: Record<string, string>): Promise<number>;
}

/** Follows the single-use link of a server and keeps the server's cookie. `*.localhost` is resolved by hand. */
export async function enterServer(hub: Pick<HubProcess, 'port'>, { url }: { url: string }): Promise<Browserish> {
  const link = new URL(url);
  const entered = await get(hub, link.host, link.pathname + link.search, {});
  const cookie = entered.cookies.map((line) => line.split(';')[0]).join('; ');
  if (cookie === '') throw new Error(`the link set no cookie: ${entered.status}`);
  return {
    host: link.host,
    cookie,
    status: async (path, headers = {}) => (await get(hub, link.host, path, { cookie, ...headers })).status,
  };
}

function get(
  hub: Pick<HubProcess, 'port'>,
  host: string,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number; cookies: string[] }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: hub.port, path, headers: { ...headers, host }, timeout: 20_000 },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode ?? 0, cookies: response.headers['set-cookie'] ?? [] });
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer from ${path}`)));
    asked.on('error', reject);
    asked.end();
  });
}

/** Ids of all containers of a server, stopped ones too, straight from the engine. */
export async function containersOf(serverId: string): Promise<string[]> {
  return containersWith(`davit.server=${serverId}`);
}

/** Removes all containers of a hub that has ended. */
export async function removeContainersOf(instanceId: string): Promise<void> {
  const ids = await containersWith(`davit.instance=${instanceId}`);
  if (ids.length > 0) await run(ENGINE, ['rm', '--force', ...ids]);
}

/** Runs a command of the engine and gives what it prints. */
export async function runEngineCommand(args: readonly string[]): Promise<string> {
  return (await run(ENGINE, args)).stdout.trim();
}

async function containersWith(label: string): Promise<string[]> {
  const { stdout } = await run(ENGINE, ['ps', '--all', '--no-trunc', '--quiet', '--filter', `label=${label}`]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}
