import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Server, type Socket } from 'socket.io';
import { Server as Engine } from 'engine.io';
import { isAdmin, type Actor, type Authenticate } from './auth.ts';
import type { Bus, BusMessage } from './bus.ts';
import { messageOf } from './errors.ts';
import type { Logger } from './log.ts';
import { isOwnOrigin } from './origin.ts';

/** Where pages connect for live events. */
export const LIVE_PATH = '/api/socket.io';

interface LiveOptions {
  bus: Bus;
  authenticate: Authenticate;
  /** Pages of this origin may connect with a cookie. */
  origin: string;
  log: Logger;
}

/**
 * Sends change events to the pages of those whom they concern. Rooms: `user:<id>` and `admins`. A socket lives no longer
 * than the session or token that opened it, which it does not keep alive: nobody need sit in front of an open page.
 */
export class Live {
  readonly #engine = new Engine({ transports: ['websocket'] });
  readonly #io = new Server({ transports: ['websocket'], serveClient: false });
  readonly #options: LiveOptions;
  readonly #unsubscribe: () => void;
  /** The last look at each socket: of two at once the one that began first must not have the last word. */
  readonly #checks = new WeakMap<Socket, Promise<void>>();

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#io.bind(this.#engine);
    this.#io.on('connection', (socket) => {
      this.#join(socket);
    });
    this.#unsubscribe = options.bus.subscribe(
      (message) => this.#deliver(message),
      () => this.reconnectAll(),
    );
  }

  /** Long polling is not offered; a plain request gets engine.io's own refusal. */
  handleRequest(req: IncomingMessage, res: ServerResponse): void {
    this.#engine.handleRequest(req, res);
  }

  /** Authorises, then hands the socket to socket.io. Takes the socket over in any case. */
  async handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    // A client that resets while we look up its session would otherwise end the process.
    socket.on('error', () => socket.destroy());
    const actor = await this.#options.authenticate(req.headers).catch(() => undefined);
    if (socket.destroyed) return;
    const refusal = this.#refusal(req, actor);
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    Object.assign(req, { davitActor: actor });
    this.#engine.handleUpgrade(req, socket, head);
  }

  /** Has all clients connect again, each with its credential, to this hub or another: then they ask for all they show. */
  reconnectAll(): void {
    closeConnections(this.#io);
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    this.reconnectAll();
    await this.#io.close();
    this.#engine.close();
  }

  #refusal(req: IncomingMessage, actor: Actor | undefined): string | undefined {
    if (actor === undefined) return '401 Unauthorized';
    const bearer = actor.via.kind === 'token';
    const sameOrigin = req.headers.origin !== undefined && isOwnOrigin(req.headers, this.#options.origin);
    return bearer || sameOrigin ? undefined : '403 Forbidden';
  }

  #join(socket: Socket): void {
    const actor = (socket.request as IncomingMessage & { davitActor?: Actor }).davitActor;
    if (actor === undefined) {
      socket.disconnect(true);
      return;
    }
    void socket.join([
      `user:${actor.userId}`,
      `via:${actor.via.id}`,
      'everyone',
      ...(isAdmin(actor) ? ['admins'] : []),
    ]);
    // A client may take its time between the upgrade and this, and what ended meanwhile was told to others alone.
    void this.#check(socket);
  }

  #deliver({ event, audience }: BusMessage): void {
    const rooms =
      audience.everyone === true ? ['everyone'] : ['admins', ...(audience.userIds ?? []).map((id) => `user:${id}`)];
    this.#io.to(rooms).emit('change', event);
    if (event.type === 'session' || event.type === 'token' || event.type === 'user') void this.#recheck(event.id);
  }

  /** Sockets whose credential or person changed must prove themselves again. */
  async #recheck(id: string): Promise<void> {
    const sockets = await this.#io.in([`via:${id}`, `user:${id}`]).fetchSockets();
    for (const remote of sockets) {
      const socket = this.#io.sockets.sockets.get(remote.id);
      if (socket !== undefined) await this.#check(socket);
    }
  }

  /** Closes a socket whose credential has ended, and takes it in or out of the admins' room. One look after the other. */
  #check(socket: Socket): Promise<void> {
    const checked = (this.#checks.get(socket) ?? Promise.resolve()).then(() => this.#checkNow(socket));
    this.#checks.set(socket, checked);
    return checked;
  }

  async #checkNow(socket: Socket): Promise<void> {
    try {
      const actor = await this.#options.authenticate(socket.request.headers, { quiet: true });
      // A socket that is gone and joins a room stays in it for ever.
      if (!socket.connected) return;
      if (actor === undefined) socket.disconnect(true);
      else if (isAdmin(actor)) void socket.join('admins');
      else void socket.leave('admins');
    } catch (error) {
      // Who it is cannot be found out now: the client connects again, and is let in once it can be.
      this.#options.log.warn({ error: messageOf(error) }, 'a live connection could not be checked');
      socket.conn.close();
    }
  }
}

/**
 * Closes the connections below the sockets. A socket.io client takes the end of a socket itself as the server's wish that it
 * stays away, and the end of its connection as a reason to connect again.
 */
export function closeConnections(io: Server): void {
  for (const socket of io.sockets.sockets.values()) socket.conn.close();
}
