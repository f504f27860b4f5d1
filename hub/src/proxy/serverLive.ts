import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { EventType } from '@davit/contract';
import { Server as Engine } from 'engine.io';
import { Server, type Socket } from 'socket.io';
import type { Actor } from '../platform/auth.ts';
import type { Bus, BusMessage } from '../platform/bus.ts';
import { closeConnections } from '../platform/live.ts';

const OF_OWNER = new Set<EventType>(['image', 'image-job']);

/**
 * Live events for pages and code of a server: changes of that server, and of its owner's images and image jobs. Knows no
 * rights; whoever hands a socket over has authorised it, and destroys it when that ends.
 */
export class ServerLive {
  readonly #engine = new Engine({ transports: ['websocket'] });
  readonly #io = new Server({ transports: ['websocket'], serveClient: false });
  readonly #actors = new WeakMap<IncomingMessage, Actor>();
  readonly #unsubscribe: () => void;

  constructor(bus: Bus) {
    this.#io.bind(this.#engine);
    this.#io.on('connection', (socket) => this.#join(socket));
    this.#unsubscribe = bus.subscribe(
      (message) => this.#deliver(message),
      () => this.reconnectAll(),
    );
  }

  /** Long polling is not offered; a plain request gets engine.io's own refusal. */
  handleRequest(req: IncomingMessage, res: ServerResponse): void {
    this.#engine.handleRequest(req, res);
  }

  /** Takes a socket over for `actor`, who is bound to a server. */
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer, actor: Actor): void {
    this.#actors.set(req, actor);
    this.#engine.handleUpgrade(req, socket, head);
  }

  /** Has all clients connect again, to this hub or another: then they ask for all they show. */
  reconnectAll(): void {
    closeConnections(this.#io);
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    this.reconnectAll();
    await this.#io.close();
    this.#engine.close();
  }

  #join(socket: Socket): void {
    const actor = this.#actors.get(socket.request);
    if (actor?.server === undefined) {
      socket.disconnect(true);
      return;
    }
    void socket.join([`server:${actor.server.id}`, `owner:${actor.userId}`, 'owners']);
  }

  #deliver({ event, audience }: BusMessage): void {
    if (event.type === 'server') this.#io.to(`server:${event.id}`).emit('change', event);
    if (!OF_OWNER.has(event.type)) return;
    const rooms = audience.everyone === true ? ['owners'] : (audience.userIds ?? []).map((id) => `owner:${id}`);
    // No room at all would be everybody.
    if (rooms.length > 0) this.#io.to(rooms).emit('change', event);
  }
}
