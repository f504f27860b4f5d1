import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Forwarder } from '../src/forwarder.ts';
import type { ForwardOptions, ForwardResult, Target } from '../src/types.ts';

/** A listening server on a free loopback port, with the sockets that are open. */
export interface Listening {
  port: number;
  target: Target;
  sockets: Set<net.Socket>;
  close(): Promise<void>;
}

export async function listen(server: net.Server): Promise<Listening> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, target: { host: '127.0.0.1', port }, sockets, close };
}

export function httpServer(handler: http.RequestListener): Promise<Listening> {
  return listen(http.createServer(handler));
}

/** A server that answers each connection by hand; `onConnection` gets what the client sent first. */
export function rawServer(onConnection: (socket: net.Socket, first: string) => void): Promise<Listening> {
  return listen(
    net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (data: Buffer) => onConnection(socket, data.toString('latin1')));
    }),
  );
}

/** A server that answers every connection with the same bytes and closes it. */
export function canned(answer: string): Promise<Listening> {
  return rawServer((socket) => socket.end(answer, 'latin1'));
}

export interface Proxy extends Listening {
  results: ForwardResult[];
  /** Resolves with the next result, or with the first one that nobody took yet. */
  nextResult(): Promise<ForwardResult>;
}

/** A server that forwards everything and renders errors as the hub does: status, code, message. */
export async function proxy(forwarder: Forwarder, target: Target, options: ForwardOptions = {}): Promise<Proxy> {
  const results: ForwardResult[] = [];
  let taken = 0;
  let wake: (() => void) | undefined;
  const record = (result: ForwardResult): void => {
    results.push(result);
    wake?.();
  };
  const server = http.createServer((req, res) => {
    void forwarder.http(req, res, target, options).then((result) => {
      record(result);
      if (result.ok || result.headersSent) return;
      res.writeHead(result.error.status, { 'x-error': result.error.code });
      res.end(result.error.message);
    });
  });
  server.on('upgrade', (req, socket, head) => {
    void forwarder.upgrade(req, socket, head, target, options).then((result) => {
      record(result);
      if (result.ok || result.headersSent) return;
      socket.end(`HTTP/1.1 ${result.error.status} Error\r\nx-error: ${result.error.code}\r\nconnection: close\r\n\r\n`);
    });
  });
  const nextResult = async (): Promise<ForwardResult> => {
    for (;;) {
      const result = results[taken];
      if (result !== undefined) {
        taken += 1;
        return result;
      }
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return { ...(await listen(server)), results, nextResult };
}

export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  rawHeaders: string[];
  trailers: NodeJS.Dict<string>;
  body: Buffer;
}

export interface Question {
  method?: string;
  path?: string;
  headers?: http.OutgoingHttpHeaders;
  body?: string | Buffer;
  agent?: http.Agent;
}

/** One request, its whole answer. */
export function ask(port: number, question: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { body, ...rest } = question;
    const request = http.request({ host: '127.0.0.1', port, agent: false, ...rest }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          rawHeaders: answer.rawHeaders,
          trailers: answer.trailers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** Sends bytes, returns all that comes back until the other side closes. */
export function talk(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    let received = '';
    socket.on('data', (data: Buffer) => (received += data.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(received));
  });
}

/** Waits until the condition holds, at most five seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('The condition did not come true within five seconds.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
