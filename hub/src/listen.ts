import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingMessage } from 'node:http';
import type { Express } from 'express';
import type { Config } from './config.ts';
import { AppError, messageOf } from './platform/errors.ts';
import { LIVE_PATH, type Live } from './platform/live.ts';
import { SERVER_OPTIONS, type Proxy } from './proxy/index.ts';

/** The hub's listener for pages, API and servers. */
export interface Listener {
  /**
   * Takes no new connections, has the clients of live events connect elsewhere, waits a moment for requests under way, and
   * ends the others. WebSockets to servers go on until the proxy ends.
   */
  close(): Promise<void>;
}

/** What a request under way gets; an upload to a server may take hours. */
const GRACE_MS = 2000;
const LOOK_MS = 20;

/** The hub's only public listener: the proxy takes what is for servers, then live events, then the app. */
export async function listen(
  config: Config,
  { proxy, live, app }: { proxy: Proxy; live: Live; app: Express },
): Promise<Listener> {
  let underWay = 0;
  const onRequest: RequestListener = (req, res) => {
    underWay += 1;
    res.once('close', () => (underWay -= 1));
    if (proxy.handleRequest(req, res)) return;
    if (isLive(req)) live.handleRequest(req, res);
    else app(req, res);
  };
  const server = createFor(config, onRequest);
  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (proxy.handleUpgrade(req, socket, head)) return;
    if (isLive(req)) void live.handleUpgrade(req, socket, head);
    else socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(config, error)));
    server.listen(config.port, config.host, resolve);
  });
  return {
    close: async () => {
      server.close();
      live.reconnectAll();
      const deadline = performance.now() + GRACE_MS;
      while (underWay > 0 && performance.now() < deadline) await sleep(LOOK_MS);
      server.closeAllConnections();
    },
  };
}

function createFor(config: Config, onRequest: RequestListener): Server {
  if (config.tls === undefined) return createServer(SERVER_OPTIONS, onRequest);
  try {
    const tls = { cert: readFileSync(config.tls.certFile), key: readFileSync(config.tls.keyFile) };
    return createTlsServer({ ...SERVER_OPTIONS, ...tls }, onRequest);
  } catch (error) {
    const { certFile, keyFile } = config.tls;
    throw new AppError(
      'unavailable',
      `The certificate in ${certFile} and ${keyFile} cannot be used: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function isLive(req: IncomingMessage): boolean {
  return (
    req.url === LIVE_PATH ||
    req.url?.startsWith(`${LIVE_PATH}/`) === true ||
    req.url?.startsWith(`${LIVE_PATH}?`) === true
  );
}

function cannotListen(config: Config, error: NodeJS.ErrnoException): AppError {
  const place = `${config.host}:${config.port}`;
  if (error.code === 'EADDRINUSE') {
    return new AppError(
      'unavailable',
      `Something else listens on ${place} already. End it, or set DAVIT_PORT to another port.`,
      { cause: error },
    );
  }
  return new AppError('unavailable', `The hub cannot listen on ${place}: ${error.message}`, { cause: error });
}
