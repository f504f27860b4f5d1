import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ForwardError, Forwarder, ForwardOptions, ForwardResult } from '@davit/forward';
import type { Activity } from './activity.ts';
import {
  answerRequest,
  answerUpgrade,
  editorUnavailable,
  FORBIDDEN,
  json,
  redirect,
  text,
  type Answer,
} from './answers.ts';
import type { Editors } from './editors.ts';
import { RfbInput } from './rfbInput.ts';
import { routeOf, type Route } from './route.ts';
import type { SecretFile } from './secret.ts';
import type { AgentStatus } from './status.ts';

export interface AgentServerOptions {
  basePath: string;
  secret: SecretFile;
  editors: Editors;
  /** Disposed by whoever made it. */
  forwarder: Forwarder;
  activity: Activity;
  status: () => AgentStatus;
}

const SECRET_HEADER = 'x-davit-secret';
const DESKTOP = 'desktop';
/** Programs of users bind one of these; the second is tried when nothing listens on the first. */
const LOOPBACKS = ['127.0.0.1', '::1'] as const;

const SERVER_OPTIONS: http.ServerOptions = {
  // The hub takes 16 KB from the client and adds to it.
  maxHeaderSize: 32_768,
  headersTimeout: 60_000,
  // An upload may take hours.
  requestTimeout: 0,
  keepAliveTimeout: 65_000,
  // Anything else that asks for an upgrade, such as curl for HTTP/2, is answered as if it had not.
  shouldUpgradeCallback: (req) => req.headers.upgrade?.toLowerCase() === 'websocket',
};

/** Where a request is forwarded to. */
interface Way {
  port: number;
  hosts: readonly string[];
  options: ForwardOptions;
  /** What to say when the other side does not answer properly. */
  failed: (error: ForwardError) => Answer;
}

/** The one listener of the container: checks the secret, finds the way, forwards. HTTP and upgrades take the same path. */
export class AgentServer {
  readonly #options: AgentServerOptions;
  readonly #server = http.createServer(SERVER_OPTIONS);
  #ownPort = 0;

  constructor(options: AgentServerOptions) {
    this.#options = options;
    this.#server.on('request', (req, res) => void this.#request(req, res));
    this.#server.on('upgrade', (req, socket, head) => {
      // A reset that nobody listens to would end the process.
      socket.on('error', ignore);
      void this.#upgrade(req, socket, head);
    });
  }

  /** Listens; port 0 takes any free one. Resolves with the port, rejects if it is taken. */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    this.#ownPort = (this.#server.address() as AddressInfo).port;
    return this.#ownPort;
  }

  /** The port on which it listens; 0 before it does. */
  get port(): number {
    return this.#ownPort;
  }

  /** Stops listening and cuts all connections. */
  async dispose(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #request(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const way = this.#admit(req);
    if ('status' in way) {
      answerRequest(res, way);
      return;
    }
    const { forwarder, activity } = this.#options;
    const stream = isEventStream(req);
    const closed = stream ? activity.pageOpened() : ignore;
    const result = await anyHost(way, (target) => forwarder.http(req, res, target, way.options));
    closed();
    if (!result.ok && !result.headersSent) answerRequest(res, way.failed(result.error));
  }

  async #upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const way = this.#admit(req);
    if ('status' in way) {
      answerUpgrade(socket, way);
      return;
    }
    const { forwarder, activity } = this.#options;
    const closed = activity.pageOpened();
    const result = await anyHost(way, (target) => forwarder.upgrade(req, socket, head, target, way.options));
    closed();
    if (!result.ok && !result.headersSent) answerUpgrade(socket, way.failed(result.error));
  }

  /** The one authorisation: an answer for who may not enter or needs nothing else, the way for everybody else. */
  #admit(req: IncomingMessage): Answer | Way {
    const { secret, basePath, editors, status } = this.#options;
    if (!secret.accepts(req.headers[SECRET_HEADER])) return FORBIDDEN;
    const prefixOf = (name: string): 'keep' | 'strip' | undefined =>
      editors.get(name)?.spec.prefix ?? (editors.state(name) === undefined ? undefined : 'strip');
    const route = routeOf(req.url ?? '', { basePath, ownPort: this.#ownPort, prefixOf });
    switch (route.kind) {
      case 'refused':
        return text(route.status, route.message);
      case 'redirect':
        return redirect(route.location);
      case 'status':
        return json(200, status());
      case 'port':
        return this.#portWay(req, route);
      case 'editor':
        return this.#editorWay(req, route);
    }
  }

  #portWay(req: IncomingMessage, { port, path, prefix }: Extract<Route, { kind: 'port' }>): Way {
    if (req.headers.upgrade === undefined && !isEventStream(req)) this.#options.activity.input();
    const setHeaders = { [SECRET_HEADER]: undefined, 'x-forwarded-prefix': prefix };
    return { port, hosts: LOOPBACKS, options: { path, setHeaders }, failed: (error) => portFailed(port, error) };
  }

  #editorWay(req: IncomingMessage, { name, path }: Extract<Route, { kind: 'editor' }>): Answer | Way {
    const { editors, activity } = this.#options;
    if (isDeed(req, path)) activity.input();
    const editor = editors.get(name);
    const unavailable = (status: number): Answer => {
      const known = editors.state(name) ?? { name, phase: 'failed' as const, restarts: 0 };
      return editorUnavailable(status, known);
    };
    if (editor?.port === undefined) return unavailable(503);
    const options: ForwardOptions = { path, setHeaders: { [SECRET_HEADER]: undefined } };
    if (name === DESKTOP) {
      const input = new RfbInput();
      options.onTunnelData = (direction, chunk) => {
        if (direction === 'up' && input.sees(chunk)) activity.input();
      };
    }
    const failed = (error: ForwardError): Answer => unavailable(error.code === 'refused' ? 503 : error.status);
    return { port: editor.port, hosts: [LOOPBACKS[0]], options, failed };
  }
}

async function anyHost(
  { port, hosts }: Way,
  forward: (target: { host: string; port: number }) => Promise<ForwardResult>,
): Promise<ForwardResult> {
  const [first = LOOPBACKS[0], ...others] = hosts;
  let result = await forward({ host: first, port });
  for (const host of others) {
    if (result.ok || result.headersSent || result.error.code !== 'refused') return result;
    result = await forward({ host, port });
  }
  return result;
}

function portFailed(port: number, error: ForwardError): Answer {
  if (error.code === 'bad-request') return text(400, error.message);
  if (error.code !== 'refused')
    return text(error.status, `The program on port ${port} did not answer properly. ${error.message}`);
  return text(502, `Nothing listens on port ${port}. Start your program there; it may bind 127.0.0.1 or any address.`);
}

/**
 * Whether a person made the browser ask: a page that was opened by hand (browsers say so), or a changed document that
 * JupyterLab saves. All else an untouched page does by itself.
 */
function isDeed(req: IncomingMessage, path: string): boolean {
  if (req.method === 'GET') return req.headers['sec-fetch-user'] === '?1';
  return req.method === 'PUT' && path.includes('/api/contents/');
}

function isEventStream(req: IncomingMessage): boolean {
  return req.method === 'GET' && (req.headers.accept?.includes('text/event-stream') ?? false);
}

function ignore(): void {
  // Nothing to do.
}
