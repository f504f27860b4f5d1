import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ForwardError, type Forwarder, type ForwardOptions, type ForwardResult } from '@davit/forward';
import type { AccessService, Origins } from '../domains/access/index.ts';
import type { Authenticate } from '../platform/auth.ts';
import type { Bus, BusMessage } from '../platform/bus.ts';
import type { Clock } from '../platform/clock.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/log.ts';
import { Loop, type LoopOptions } from '../platform/loop.ts';
import { askingOf, refuseUpgrade, sendRedirect } from './answers.ts';
import { authorise, type Admission, type AuthoriseOptions } from './authorise.ts';
import { filterResponseHeaders, requestHeaders } from './headers.ts';
import { LiveConnections, type LiveConnection } from './liveConnections.ts';
import { routeOf, type ServerRoute } from './route.ts';
import { isEnter, isServerApi, ServerApi } from './serverApi.ts';
import type { ServerApp } from './serverApp.ts';
import type { ServerLive } from './serverLive.ts';
import { editorOf, endpointOf, failureOf, notReady, ServerPages } from './serverPages.ts';
import type { ServerTarget, Targets } from './targets.ts';

export interface ProxyOptions {
  origins: Origins;
  targets: Targets;
  access: Pick<AccessService, 'verify' | 'redeem' | 'isAlive' | 'actorOf'>;
  authenticate: Authenticate;
  /** Disposed by whoever made it, after the proxy. */
  forwarder: Forwarder;
  bus: Bus;
  clock: Clock;
  log: Logger;
  /** What servers' origins offer below `/api/davit`. */
  app: ServerApp;
  live: ServerLive;
  onTick?: LoopOptions['onTick'];
}

/**
 * Settings for the `http(s)` server that the proxy stands in. A request's body may take hours: an upload has no limit.
 * Clients that offer HTTP/2 (`Upgrade: h2c`) with ordinary requests get ordinary answers, as RFC 9110 section 7.8 allows.
 */
export const SERVER_OPTIONS = {
  shouldUpgradeCallback: (req: IncomingMessage) => req.headers.upgrade?.toLowerCase() === 'websocket',
  maxHeaderSize: 16_384,
  headersTimeout: 60_000,
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
} as const;

/** A connection is checked again after this long even if no event told to. */
const FULL_CHECK_MS = 60_000;
/** Input is noted once a minute at the most, and a check may come late. */
const IN_USE_MS = 3 * FULL_CHECK_MS;
const ENDS_CONNECTIONS = new Set(['session', 'token', 'user']);
const UNAVAILABLE = 'The hub cannot tell right now who may enter. Try again in a moment.';

/** An editor's page that the agent answered for, because the editor does not run yet. Replaced by a page of ours. */
class EditorNotReady extends ForwardError {
  constructor() {
    super('bad-response', 'The editor is not ready.');
  }
}

/** The reverse proxy to all servers. Stands before Express in the same server and takes what is not for the hub's host. */
export class Proxy {
  readonly #options: ProxyOptions;
  readonly #authorise: AuthoriseOptions;
  readonly #live: LiveConnections;
  readonly #pages: ServerPages;
  readonly #api: ServerApi;
  readonly #loop: Loop;
  readonly #subscriptions: readonly (() => void)[];
  #changed = new Set<string>();
  #fullCheckAt = 0;

  constructor(options: ProxyOptions) {
    const { origins, access, app, live, log, onTick } = options;
    this.#options = options;
    this.#authorise = options;
    this.#live = new LiveConnections(options);
    this.#pages = new ServerPages(origins);
    this.#api = new ServerApi({ origins, access, app, live, pages: this.#pages });
    const run = (): Promise<void> => this.#check();
    this.#loop = new Loop({ name: 'proxy-connections', everyMs: FULL_CHECK_MS, run, log, onTick });
    this.#loop.start();
    this.#subscriptions = [
      options.bus.subscribe(
        (message) => this.#onChange(message),
        () => this.#checkAll(),
      ),
      options.targets.onChange((serverId, target) => this.#live.checkServer(serverId, target)),
    ];
  }

  /** Requests under way and WebSockets that are open. For metrics and tests. */
  get liveConnections(): number {
    return this.#live.size;
  }

  /** Takes a request unless it is for the hub's own host; false leaves it to the caller. */
  handleRequest(req: IncomingMessage, res: ServerResponse): boolean {
    const route = routeOf(req, this.#options.origins);
    if (route.kind === 'hub') return false;
    if (route.kind === 'refused') this.#pages.refuse(req, res, route.error);
    else this.#serve(req, res, route);
    return true;
  }

  /** Takes a request for an upgrade unless it is for the hub's own host; false leaves it to the caller. */
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    // A reset that nobody listens to ends the process, and one can come at any moment from here on.
    socket.on('error', ignore);
    const route = routeOf(req, this.#options.origins);
    if (route.kind === 'hub') return false;
    if (route.kind === 'refused') refuseUpgrade(socket, route.error);
    else void this.#upgrade(req, socket, head, route);
    return true;
  }

  /** Closes all connections and stops watching. */
  async dispose(): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    await this.#loop.stop();
    this.#live.destroy();
  }

  #serve(req: IncomingMessage, res: ServerResponse, route: ServerRoute): void {
    if (!route.path.startsWith('/')) {
      sendRedirect(res, 308, `${this.#options.origins.basePath(route.serverId)}/${route.path}`);
      return;
    }
    if (isEnter(route.path)) {
      void this.#enter(req, res, route);
      return;
    }
    try {
      const admission = authorise(req, route.serverId, false, this.#authorise);
      if (!(admission instanceof Promise)) {
        this.#answer(req, res, route, admission);
        return;
      }
      admission
        .then((result) => this.#answer(req, res, route, result))
        .catch((error: unknown) => this.#broken(req, res, error));
    } catch (error) {
      this.#broken(req, res, error);
    }
  }

  async #enter(req: IncomingMessage, res: ServerResponse, route: ServerRoute): Promise<void> {
    try {
      await this.#api.enter(req, res, route, async () => {
        const admission = await authorise(req, route.serverId, false, this.#authorise);
        return !(admission instanceof AppError);
      });
    } catch (error) {
      this.#broken(req, res, error);
    }
  }

  #answer(req: IncomingMessage, res: ServerResponse, route: ServerRoute, admission: Admission | AppError): void {
    const { path } = route;
    if (admission instanceof AppError) {
      if (isServerApi(path)) this.#pages.refuseProgram(req, res, admission);
      else this.#pages.refuse(req, res, admission, route);
      return;
    }
    const { target } = admission;
    if (isServerApi(path)) void this.#callApi(req, res, admission, path);
    else if (endpointOf(target) === undefined) this.#pages.phase(req, res, target, path);
    else if (target.basePath !== this.#options.origins.basePath(target.serverId)) this.#pages.moved(req, res, target);
    else if (path === '/' || path.startsWith('/?')) this.#root(req, res, target);
    else this.#forward(req, res, path, admission);
  }

  async #callApi(req: IncomingMessage, res: ServerResponse, admission: Admission, path: string): Promise<void> {
    const connection = this.#connection(req.socket, admission, true);
    const done = (): void => this.#live.delete(connection);
    res.once('close', done);
    try {
      await this.#api.answer(req, res, admission, path);
    } catch (error) {
      this.#broken(req, res, error);
    }
  }

  #root(req: IncomingMessage, res: ServerResponse, target: ServerTarget): void {
    const editor = target.editors[0];
    if (editor === undefined) this.#pages.noEditor(req, res, target);
    else sendRedirect(res, 302, `${this.#options.origins.basePath(target.serverId)}/${editor}/`);
  }

  #forward(req: IncomingMessage, res: ServerResponse, path: string, admission: Admission): void {
    const { target } = admission;
    const endpoint = endpointOf(target);
    if (endpoint === undefined) return;
    const connection = this.#connection(req.socket, admission, false);
    const editorPage = askingOf(req) !== 'program' && editorOf(target, path) !== undefined;
    void this.#options.forwarder
      .http(req, res, endpoint, this.#forwardOptions(req, target, editorPage))
      .then((result) => {
        this.#live.delete(connection);
        if (result.ok || result.headersSent) return;
        if (result.error instanceof EditorNotReady) this.#pages.editorStarting(req, res, target, path);
        else this.#pages.failed(req, res, target, path, result.error);
      })
      .catch((error: unknown) => this.#broken(req, res, error));
  }

  async #upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, route: ServerRoute): Promise<void> {
    try {
      const admission = await authorise(req, route.serverId, true, this.#authorise);
      if (socket.destroyed) return;
      if (admission instanceof AppError) refuseUpgrade(socket, admission);
      else if (isServerApi(route.path)) await this.#upgradeApi(req, socket, head, admission, route.path);
      else if (endpointOf(admission.target) === undefined) refuseUpgrade(socket, notReady(admission.target));
      else await this.#tunnel(req, socket, head, admission);
    } catch (error) {
      this.#options.log.error({ err: error, serverId: route.serverId }, 'an upgrade could not be authorised');
      refuseUpgrade(socket, new AppError('unavailable', UNAVAILABLE));
    }
  }

  async #upgradeApi(
    req: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    admission: Admission,
    path: string,
  ): Promise<void> {
    const connection = this.#connection(socket, admission, true);
    socket.once('close', () => this.#live.delete(connection));
    await this.#api.upgrade(req, socket, head, admission, path);
  }

  async #tunnel(req: IncomingMessage, socket: Duplex, head: Buffer, admission: Admission): Promise<void> {
    const { target } = admission;
    const endpoint = endpointOf(target);
    if (endpoint === undefined) return;
    const connection = this.#connection(socket, admission, false);
    const options = this.#forwardOptions(req, target, false);
    const result: ForwardResult = await this.#options.forwarder.upgrade(req, socket, head, endpoint, options);
    this.#live.delete(connection);
    if (!result.ok && !result.headersSent) refuseUpgrade(socket, failureOf(result.error));
  }

  #connection(socket: Duplex, { target, entrant }: Admission, toHub: boolean): LiveConnection {
    const connection = { socket, entrant, serverId: target.serverId, generation: target.generation, toHub };
    this.#live.add(connection);
    return connection;
  }

  #forwardOptions(req: IncomingMessage, target: ServerTarget, editorPage: boolean): ForwardOptions {
    const { origins } = this.#options;
    const basePath = origins.basePath(target.serverId);
    return {
      setHeaders: requestHeaders(req, origins, target),
      filterResponse: (status, headers) => {
        // The agent says in JSON that an editor does not run yet; a person gets a page that waits for it.
        if (editorPage && status >= 502 && status <= 504 && String(headers['content-type']).includes('json')) {
          throw new EditorNotReady();
        }
        return filterResponseHeaders(headers, basePath);
      },
    };
  }

  #broken(req: IncomingMessage, res: ServerResponse, error: unknown): void {
    this.#options.log.error({ err: error }, 'a request to a server could not be authorised');
    this.#pages.refuse(req, res, new AppError('unavailable', UNAVAILABLE));
  }

  #onChange({ event, audience }: BusMessage): void {
    if (!ENDS_CONNECTIONS.has(event.type)) return;
    this.#changed.add(event.id);
    for (const id of audience.userIds ?? []) this.#changed.add(id);
    // After all other listeners: one that has not dropped its cache yet would still vouch for an ended session.
    queueMicrotask(() => this.#loop.wake());
  }

  #checkAll(): void {
    this.#fullCheckAt = 0;
    queueMicrotask(() => this.#loop.wake());
  }

  async #checkCredentials(): Promise<void> {
    const inUse = await this.#options.targets.inUse(this.#live.serverIds, IN_USE_MS);
    await this.#live.checkCredentials(undefined, inUse);
  }

  /** Closes what has ended: after an event only what it names, once a minute everything. */
  async #check(): Promise<void> {
    const changed = this.#changed;
    this.#changed = new Set();
    const now = this.#options.clock.now().getTime();
    const full = now - this.#fullCheckAt >= FULL_CHECK_MS;
    try {
      if (full) this.#live.checkServers();
      if (full) await this.#checkCredentials();
      else if (changed.size > 0) await this.#live.checkCredentials(changed);
      if (full) this.#fullCheckAt = now;
    } catch (error) {
      for (const id of changed) this.#changed.add(id);
      throw error;
    }
  }
}

function ignore(): void {
  // The `close` that follows an error is what is acted upon.
}
