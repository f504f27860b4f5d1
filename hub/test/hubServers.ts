import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { HubProcess } from './hubProcess.ts';

const run = promisify(execFile);
/** The engine that the hub chooses, too: a Docker of the system before Podman. */
export const ENGINE = existsSync('/var/run/docker.sock') ? 'docker' : 'podman';

/** Places that may be a tmpfs, as main.ts gives them. */
export const TMPFS_DIRS = ['/run', process.env['XDG_RUNTIME_DIR'] ?? '/dev/shm', '/dev/shm'];

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

/** Containers of each of these servers, all asked for at once. */
export async function containersOfAll(serverIds: readonly string[]): Promise<Map<string, string[]>> {
  const format = ['--format', '{{.ID}} {{.Names}}'];
  const listed = await runEngineCommand(['ps', '--all', '--no-trunc', '--filter', 'label=davit.server', ...format]);
  const all = listed.split('\n').map((line) => line.split(' '));
  // The name of a container ends with the id of its server.
  return new Map(
    serverIds.map((id) => [id, all.flatMap(([own = '', name]) => (name?.endsWith(`-${id}`) ? [own] : []))]),
  );
}

/** Removes what a hub that has ended left in the engine and in memory: containers, the network, secrets. */
export async function removeInstance(instanceId: string): Promise<void> {
  if (!/^[a-z0-9]{12}$/.test(instanceId)) return;
  const ids = await containersWith(`davit.instance=${instanceId}`).catch(() => []);
  // By force alone each would get its grace first.
  if (ids.length > 0) await run(ENGINE, ['kill', ...ids]).catch(() => undefined);
  if (ids.length > 0) await run(ENGINE, ['rm', '--force', ...ids]);
  // Engines get slow with many networks: with a hundred a start takes seconds longer.
  await run(ENGINE, ['network', 'rm', `davit-${instanceId}`]).catch(() => undefined);
  for (const tmpfs of TMPFS_DIRS) await rm(join(tmpfs, `davit-${instanceId}`), { recursive: true, force: true });
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
