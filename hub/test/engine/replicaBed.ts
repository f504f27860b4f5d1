import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket as NetSocket } from 'node:net';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type ApiClient } from '@davit/contract';
import { io, type Socket } from 'socket.io-client';
import { createTestDatabase } from '../database.ts';
import { newPerson, signIn, type Person } from '../hubClient.ts';
import { freePort, HubProcess } from '../hubProcess.ts';
import { runDirectory } from '../testRun.ts';

/** What stands in front of several hubs: passes each connection to one that takes it, in turn. */
class Balancer {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<NetSocket>();
  #targets: () => readonly HubProcess[];
  #turn = 0;

  private constructor(port: number, targets: () => readonly HubProcess[]) {
    this.port = port;
    this.#targets = targets;
    this.#server = createServer((socket) => this.#pass(socket));
  }

  static async start(port: number, targets: () => readonly HubProcess[]): Promise<Balancer> {
    const made = new Balancer(port, targets);
    await new Promise<void>((resolve) => made.#server.listen(port, '127.0.0.1', resolve));
    return made;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(socket: NetSocket, tries = 0): void {
    socket.on('error', () => socket.destroy());
    const targets = this.#targets();
    const target = targets[this.#turn++ % targets.length];
    if (target === undefined || tries > targets.length) {
      socket.destroy();
      return;
    }
    const upstream = connect(target.port, '127.0.0.1');
    upstream.once('connect', () => {
      upstream.removeAllListeners('error').on('error', () => socket.destroy());
      this.#sockets.add(socket.on('close', () => upstream.destroy()));
      upstream.on('close', () => socket.destroy());
      socket.pipe(upstream).pipe(socket);
    });
    upstream.once('error', () => this.#pass(socket, tries + 1));
  }
}

/** Two real hubs on one database, one engine and one data directory, behind one address. */
export interface ReplicaBed {
  hubs: [HubProcess, HubProcess];
  /** Where browsers go. */
  url: string;
  db: Awaited<ReturnType<typeof createTestDatabase>>['db'];
  admin: Person;
  person(name: string): Promise<Person>;
  /** The hub that acts, and the other; waits until there is exactly one. */
  roles(): Promise<{ leader: HubProcess; follower: HubProcess }>;
  /** What a person does at exactly this hub. */
  at(hub: HubProcess, person: { cookie: string }): ApiClient;
  /** A page of the person, connected to this hub, or through the one address to any. */
  page(person: { cookie: string }, hub?: HubProcess): Promise<Page>;
  dispose(): Promise<void>;
}

/** What a page hears of the hub. */
export interface Page {
  socket: Socket;
  heard: { type: string; id: string }[];
}

export async function replicaBed(env: Record<string, string> = {}): Promise<ReplicaBed> {
  const database = await createTestDatabase();
  const dataDir = mkdtempSync(join(runDirectory(), 'davit-hubs-'));
  chmodSync(dataDir, 0o755);
  const hubs: HubProcess[] = [];
  const pages: Socket[] = [];
  const balancer = await Balancer.start(await freePort(), () => hubs);
  const host = `localhost:${balancer.port}`;
  const settings = {
    DATABASE_URL: database.url,
    DAVIT_DATA_DIR: dataDir,
    DAVIT_PUBLIC_URL: balancer.url,
    DAVIT_SERVER_URL: `http://s-{id}.${host}`,
    DAVIT_API_PORT: String(await freePort()),
    ...env,
  };
  const dispose = async (): Promise<void> => {
    for (const page of pages) page.disconnect();
    for (const hub of hubs) hub.continue();
    await Promise.all(hubs.map((hub) => hub.dispose()));
    await balancer.close();
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    hubs.push(await HubProcess.start(settings));
    hubs.push(await HubProcess.start(settings));
  } catch (error) {
    await dispose();
    throw error;
  }
  const acts = async (hub: HubProcess): Promise<boolean> => {
    const answer = await hub.fetch('/metrics').catch(() => undefined);
    return /^davit_acts 1$/m.test((await answer?.text()) ?? '');
  };
  const admin = await signIn(balancer);
  return {
    hubs: hubs as [HubProcess, HubProcess],
    url: balancer.url,
    db: database.db,
    admin,
    person: (name) => newPerson(balancer, admin, name),
    roles: async () => {
      const deadline = Date.now() + 40_000;
      while (Date.now() < deadline) {
        const [first, second] = await Promise.all(hubs.map(acts));
        if (first !== second) return { leader: hubs[first ? 0 : 1]!, follower: hubs[first ? 1 : 0]! };
        await sleep(50);
      }
      throw new Error('not one of the hubs acts, or both do');
    },
    at: (hub, { cookie }) =>
      createClient({
        baseUrl: balancer.url,
        headers: () => ({ cookie }),
        fetch: (url, init) => hub.fetch(pathOf(url), init),
      }),
    page: async ({ cookie }, hub) => {
      const socket = io(hub?.loopback ?? `http://127.0.0.1:${balancer.port}`, {
        path: '/api/socket.io',
        transports: ['websocket'],
        extraHeaders: { cookie, origin: balancer.url, host },
        forceNew: true,
      });
      pages.push(socket);
      const heard: Page['heard'] = [];
      socket.on('change', (event: Page['heard'][number]) => heard.push(event));
      await new Promise<void>((resolve) => socket.once('connect', resolve));
      return { socket, heard };
    },
    dispose,
  };
}

function pathOf(url: string | URL | Request): string {
  const { pathname, search } = new URL(url instanceof Request ? url.url : url);
  return pathname + search;
}

/** Opens a WebSocket on a server's host through one hub; resolves when it is open, `closed` when it has ended. */
export function openWebSocket(
  hub: HubProcess,
  { host, cookie }: { host: string; cookie: string },
  path: string,
): Promise<{ closed: Promise<void>; isOpen: () => boolean; close: () => void }> {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port: hub.port,
      path,
      headers: {
        host,
        cookie,
        origin: `http://${host}`,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.alloc(16, 1).toString('base64'),
      },
    });
    asked.on('upgrade', (_, socket) => {
      let open = true;
      socket.on('error', () => undefined).resume();
      const closed = new Promise<void>((end) =>
        socket.on('close', () => {
          open = false;
          end();
        }),
      );
      resolve({ closed, isOpen: () => open, close: () => socket.destroy() });
    });
    asked.on('response', (response) => reject(new Error(`no upgrade: ${response.statusCode}`)));
    asked.on('error', reject);
    asked.end();
  });
}
