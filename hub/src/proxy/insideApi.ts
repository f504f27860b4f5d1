import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import { SERVER_API_PATH, SERVER_LIVE_PATH } from '@davit/contract';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Actor } from '../platform/auth.ts';
import type { Bus } from '../platform/bus.ts';
import { AppError, messageOf } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import { Loop, type LoopOptions } from '../platform/loop.ts';
import { refuseUpgrade, sendProblem } from './answers.ts';
import { withoutQuery } from './paths.ts';
import type { ServerApp } from './serverApp.ts';
import type { ServerLive } from './serverLive.ts';
import type { Targets } from './targets.ts';

export interface InsideApiOptions {
  app: ServerApp;
  live: ServerLive;
  /** Who calls with a server's token. */
  tokens: {
    authenticate(token: string): Promise<Actor | undefined>;
    aliveAmong(ids: readonly string[]): Promise<ReadonlySet<string>>;
  };
  targets: Pick<Targets, 'onChange'>;
  /** The machine's address on the servers' network; undefined while there is no need to listen. */
  gateway: (signal: AbortSignal) => Promise<string | undefined>;
  port: number;
  bus: Bus;
  log: Logger;
  onTick?: LoopOptions['onTick'];
  /** Addresses of this machine, for tests. */
  addresses?: () => ReadonlySet<string>;
}

/** Changes of servers wake the loop at once; this finds what was missed. */
const EVERY_MS = 15_000;
/** Long enough for tokens that a cluster makes. */
const BEARER = /^bearer +(\S{1,4000}) *$/i;
/** Wrong tokens per minute and address. Every container has an address of its own, so only its own code is refused. */
const BAD_TOKENS = 60;
/** Connections of one container: more would take them from the others. */
const CONNECTIONS = 128;
/** Other systems refuse to listen with it. */
const REUSE_PORT = process.platform === 'linux';
const OPTIONS = { maxHeaderSize: 16_384, headersTimeout: 30_000, requestTimeout: 60_000 } as const;

/** A WebSocket of code inside a server. */
interface InsideSocket {
  socket: Duplex;
  tokenId: string;
}

/**
 * The hub's second listener: the server API for code inside containers, on the machine's address on their network, which
 * any container reaches. Takes tokens of servers as bearers and nothing else: no cookie, no token of a person, no page.
 */
export class InsideApi {
  readonly #options: InsideApiOptions;
  readonly #limiter = new RateLimiterMemory({ keyPrefix: 'inside', points: BAD_TOKENS, duration: 60 });
  readonly #sockets = new Set<InsideSocket>();
  readonly #loop: Loop;
  readonly #subscriptions: (() => void)[] = [];
  #listener: { server: Server; address: string } | undefined;
  #problem: string | undefined;

  constructor(options: InsideApiOptions) {
    this.#options = options;
    const run = (signal: AbortSignal): Promise<void> => this.#tick(signal);
    const { log, onTick } = options;
    this.#loop = new Loop({ name: 'inside-api', everyMs: EVERY_MS, run, log, onTick });
  }

  /** Where it listens now. */
  get address(): string | undefined {
    return this.#listener?.address;
  }

  start(): void {
    const { targets, bus } = this.#options;
    this.#subscriptions.push(
      targets.onChange(() => this.#loop.wake()),
      bus.subscribe(
        ({ event }) => {
          if (event.type === 'user') this.#loop.wake();
        },
        () => this.#loop.wake(),
      ),
    );
    this.#loop.start();
  }

  async dispose(): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    await this.#loop.stop();
    await this.#close();
  }

  async #tick(signal: AbortSignal): Promise<void> {
    await this.#closeEnded();
    const addresses = (this.#options.addresses ?? ownAddresses)();
    if (this.#listener !== undefined) {
      if (addresses.has(this.#listener.address)) return;
      // With Podman the bridge goes with its last container; the network may come back with another address.
      await this.#close();
    }
    const gateway = await this.#options.gateway(signal);
    // With Podman the address is there once a container has run, which is told as a change of its server.
    if (gateway !== undefined && addresses.has(gateway)) await this.#listen(gateway);
  }

  async #listen(address: string): Promise<void> {
    const { port, log } = this.#options;
    const server = createServer(OPTIONS, (req, res) => void this.#request(req, res));
    server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => void this.#upgrade(req, socket, head));
    limitConnections(server);
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        // Hubs that share one machine share the port as well: containers know one address, whichever hub made them.
        server.listen({ port, host: address, reusePort: REUSE_PORT }, resolve);
      });
    } catch (error) {
      const problem = messageOf(error);
      if (problem !== this.#problem) {
        log.warn({ address, port, error: problem }, 'code inside servers cannot call the hub; see DAVIT_API_PORT');
      }
      this.#problem = problem;
      return;
    }
    server.on('error', (error) => log.error({ err: error }, 'the listener for calls from inside servers failed'));
    this.#listener = { server, address };
    this.#problem = undefined;
    log.info({ address, port }, 'code inside servers can call the hub');
  }

  async #close(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    for (const { socket } of this.#sockets) socket.destroy();
    if (listener === undefined) return;
    const closed = new Promise<void>((resolve) => {
      listener.server.close(() => resolve());
    });
    listener.server.closeAllConnections();
    await closed;
  }

  async #request(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const path = req.url ?? '';
    const isLive = isLivePath(path);
    try {
      const actor = await this.#authorise(req);
      if (res.destroyed) return;
      if (isLive) this.#options.live.handleRequest(req, res);
      else if (path.startsWith(`${SERVER_API_PATH}/`)) this.#options.app.answer(req, res, actor, path);
      else throw nothingHere();
    } catch (error) {
      sendProblem(req, res, this.#refusal(error));
    }
  }

  async #upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    try {
      const actor = await this.#authorise(req);
      if (socket.destroyed) return;
      if (!isLivePath(req.url ?? '')) throw nothingHere();
      const inside = { socket, tokenId: actor.via.id };
      this.#sockets.add(inside);
      socket.once('close', () => this.#sockets.delete(inside));
      this.#options.live.handleUpgrade(req, socket, head, actor);
    } catch (error) {
      refuseUpgrade(socket, this.#refusal(error));
    }
  }

  async #authorise(req: IncomingMessage): Promise<Actor> {
    const address = req.socket.remoteAddress ?? '';
    const state = await this.#limiter.get(address);
    if (state !== null && state.consumedPoints >= BAD_TOKENS) {
      throw new AppError('too-many-requests', 'There were too many calls with a wrong token. Try again in a minute.');
    }
    const token = BEARER.exec(req.headers.authorization ?? '')?.[1];
    const actor = token === undefined ? undefined : await this.#options.tokens.authenticate(token);
    if (actor !== undefined) return actor;
    await this.#limiter.penalty(address);
    throw new AppError(
      'unauthenticated',
      'Send the token in /run/davit/token as a bearer. It changes now and then: read it again.',
    );
  }

  #refusal(error: unknown): AppError {
    if (error instanceof AppError) return error;
    this.#options.log.error({ err: error }, 'a call from inside a server could not be authorised');
    return new AppError('unavailable', 'The hub cannot check the token right now. Try again in a moment.');
  }

  /** Closes WebSockets whose token has ended: with its container, ten minutes after it was replaced, or by its owner's end. */
  async #closeEnded(): Promise<void> {
    const open = [...this.#sockets];
    if (open.length === 0) return;
    const alive = await this.#options.tokens.aliveAmong([...new Set(open.map(({ tokenId }) => tokenId))]);
    for (const { socket, tokenId } of open) if (!alive.has(tokenId)) socket.destroy();
  }
}

function isLivePath(path: string): boolean {
  const name = withoutQuery(path);
  return name === SERVER_LIVE_PATH || name === `${SERVER_LIVE_PATH}/`;
}

function nothingHere(): AppError {
  return new AppError('not-found', 'There is nothing at this address. Only the server API is offered here.');
}

function limitConnections(server: Server): void {
  const open = new Map<string, number>();
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
    if (count > CONNECTIONS) socket.destroy();
  });
}

function ownAddresses(): ReadonlySet<string> {
  return new Set(Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)));
}
