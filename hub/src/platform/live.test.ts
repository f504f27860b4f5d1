import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { io, Manager, type Socket } from 'socket.io-client';
import type { Actor, LookUp } from './auth.ts';
import { Bus } from './bus.ts';
import { LIVE_PATH, Live } from './live.ts';
import { createLog } from './log.ts';

const ORIGIN = 'http://localhost:8000';

function actor(userId: string, role: Actor['role'] = 'user', kind: 'session' | 'token' = 'session'): Actor {
  return { userId, name: userId, role, scopes: new Set(['read', 'admin']), via: { kind, id: `via-${userId}` } };
}

describe('Live', () => {
  let bus: Bus;
  let live: Live;
  let server: Server;
  let port: number;
  /** Look-ups that counted as use. */
  let uses: number;
  let broken: boolean;
  const signedIn = new Map<string, Actor>();
  const sockets: Socket[] = [];

  beforeEach(async () => {
    bus = new Bus();
    signedIn.clear();
    for (const person of [actor('ada'), actor('bob'), actor('root', 'admin'), actor('bot', 'user', 'token')]) {
      signedIn.set(person.userId, person);
    }
    uses = 0;
    broken = false;
    const authenticate = (headers: NodeJS.Dict<string | string[]>, how?: LookUp) => {
      if (how?.quiet !== true) uses += 1;
      if (broken) return Promise.reject(new Error('the database is away'));
      return Promise.resolve(signedIn.get(String(headers['cookie'])));
    };
    live = new Live({ bus, authenticate, origin: ORIGIN, log: createLog('silent') });
    server = createServer().on('upgrade', (req, socket, head) => void live.handleUpgrade(req, socket, head));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });

  afterEach(async () => {
    sockets.splice(0).forEach((socket) => socket.disconnect());
    await live.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function connected(
    cookie: string,
    origin: string | undefined = ORIGIN,
  ): Promise<{ socket: Socket; heard: unknown[] }> {
    const socket = io(`http://127.0.0.1:${port}`, {
      path: LIVE_PATH,
      transports: ['websocket'],
      reconnection: false,
      extraHeaders: { cookie, ...(origin === '' ? {} : { origin }) },
    });
    sockets.push(socket);
    const heard: unknown[] = [];
    socket.on('change', (event) => heard.push(event));
    await new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject));
    return { socket, heard };
  }

  const settled = (ms = 100) => new Promise((resolve) => setTimeout(resolve, ms));

  it('tells the owner and admins of a change, and nobody else', async () => {
    const [ada, bob, root] = [await connected('ada'), await connected('bob'), await connected('root')];
    const event = { type: 'server', id: 'abcdefghijkl', version: 3 } as const;
    bus.emit(event, { userIds: ['ada'] });
    await settled();
    expect([ada.heard, bob.heard, root.heard]).toEqual([[event], [], [event]]);
  });

  it('tells everybody what concerns everybody', async () => {
    const bob = await connected('bob');
    bus.emit({ type: 'image', id: 'abcdefghijkl', version: 1 }, { everyone: true });
    await settled();
    expect(bob.heard).toHaveLength(1);
  });

  it('refuses strangers and pages of another origin, but not a token', async () => {
    await expect(connected('nobody')).rejects.toThrow();
    await expect(connected('ada', 'http://s-abcdefghijkl.localhost:8000')).rejects.toThrow();
    await expect(connected('ada', '')).rejects.toThrow();
    expect((await connected('bot', '')).socket.connected).toBe(true);
  });

  it('closes the sockets of a session that ended, and only those', async () => {
    const [ada, bob] = [await connected('ada'), await connected('bob')];
    signedIn.delete('ada');
    bus.emit({ type: 'session', id: 'via-ada', version: 2 }, { userIds: ['ada'] });
    await settled();
    expect([ada.socket.connected, bob.socket.connected]).toEqual([false, true]);
  });

  it('tells an admin who was made a user no more of others', async () => {
    const root = await connected('root');
    signedIn.set('root', actor('root'));
    bus.emit({ type: 'user', id: 'root', version: 2 }, { userIds: ['root'] });
    await settled();
    bus.emit({ type: 'server', id: 'abcdefghijkl', version: 1 }, { userIds: ['ada'] });
    await settled();
    expect(root.heard).toEqual([{ type: 'user', id: 'root', version: 2 }]);
  });

  it('takes nobody in whose session ended between the upgrade and the moment of joining', async () => {
    const manager = new Manager(`http://127.0.0.1:${port}`, {
      path: LIVE_PATH,
      transports: ['websocket'],
      reconnection: false,
      extraHeaders: { cookie: 'ada', origin: ORIGIN },
    });
    await new Promise((resolve) => manager.on('open', () => resolve(undefined)));
    signedIn.delete('ada');
    bus.emit({ type: 'user', id: 'ada', version: 2 }, { userIds: ['ada'] });
    await settled();
    const socket = manager.socket('/');
    sockets.push(socket);
    const left = new Promise((resolve) => socket.on('disconnect', resolve));
    expect(await Promise.race([left, settled(5000).then(() => 'still there')])).toBe('io server disconnect');
  });

  it('does not count as use what it asks by itself', async () => {
    const { socket } = await connected('ada');
    expect(uses).toBe(1);
    bus.emit({ type: 'user', id: 'ada', version: 2 }, { userIds: ['ada'] });
    await settled();
    expect([uses, socket.connected]).toEqual([1, true]);
  });

  it('has a client come again when it cannot be found out who it is', async () => {
    const { socket } = await connected('ada');
    const reason = new Promise((resolve) => socket.on('disconnect', resolve));
    broken = true;
    bus.emit({ type: 'user', id: 'ada', version: 2 }, { userIds: ['ada'] });
    // Any other reason is the server's wish that it stays away.
    expect(await reason).toBe('transport close');
  });

  it('survives clients that reset while they are being looked up', async () => {
    for (let i = 0; i < 50; i++) {
      const raw = connect(port, '127.0.0.1');
      await new Promise((resolve) => raw.once('connect', resolve));
      raw.write(
        `GET ${LIVE_PATH}/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
      );
      raw.resetAndDestroy();
    }
    await settled();
    expect((await connected('ada')).socket.connected).toBe(true);
  });
});
