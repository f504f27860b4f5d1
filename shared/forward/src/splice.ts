import type { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import type { ForwardOptions } from './types.ts';

/** After one side has ended, the other may stay silent this long. Without it a peer that never closes leaks a pair. */
export const LINGER_MS = 30_000;
/** Finds peers that vanished without a word, such as a closed laptop. */
const KEEP_ALIVE_MS = 30_000;

type Watch = Pick<ForwardOptions, 'onActivity' | 'onTunnelData'>;

/**
 * Joins two sockets until both are closed, then resolves. Each direction has backpressure and ends by itself
 * (half-close); a reset on one side ends the other at once.
 */
export function splice(client: Duplex, upstream: Duplex, watch: Watch): Promise<void> {
  return new Promise((resolve) => {
    let open = 2;
    const closed = (): void => {
      open -= 1;
      if (open === 0) resolve();
    };
    pour(client, upstream, 'up', watch, closed);
    pour(upstream, client, 'down', watch, closed);
  });
}

function pour(from: Duplex, to: Duplex, direction: 'up' | 'down', watch: Watch, done: () => void): void {
  let ended = false;
  let closed = false;
  const close = (): void => {
    if (closed) return;
    closed = true;
    if (!ended) to.destroy();
    done();
  };
  tune(from);
  from.on('data', (chunk: Buffer) => {
    watch.onActivity?.(direction, chunk.length);
    watch.onTunnelData?.(direction, chunk);
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => {
    ended = true;
    to.end();
    if (to instanceof Socket) to.setTimeout(LINGER_MS, () => to.destroy());
  });
  from.on('error', () => to.destroy());
  from.on('close', close);
  if (from.destroyed) queueMicrotask(close);
  else from.resume();
}

function tune(socket: Duplex): void {
  if (!(socket instanceof Socket)) return;
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setTimeout(0);
}
