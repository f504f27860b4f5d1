import type { Duplex } from 'node:stream';
import { Socket } from 'node:net';
import type { ForwardOptions } from './types.ts';

/** After one side has ended, the other may stay silent this long. Without it a peer that never closes leaks a pair. */
export const LINGER_MS = 30_000;
/** Finds peers that vanished without a word, such as a closed laptop. */
const KEEP_ALIVE_MS = 30_000;

type Watch = Pick<ForwardOptions, 'onActivity' | 'onTunnelData'>;

/** Two sockets that were joined. */
export interface Splice {
  /** Passes on what was read from upstream. */
  down(chunk: Buffer): void;
  /** Resolved when both are closed. */
  closed: Promise<void>;
}

/**
 * Joins two sockets until both are closed. Each direction has backpressure and ends by itself (half-close); a reset on one
 * side ends the other at once. The client is read here; what comes from upstream is handed to `down`.
 */
export function splice(client: Duplex, upstream: Duplex, watch: Watch): Splice {
  client.on('data', passing(client, upstream, 'up', watch));
  return {
    down: passing(upstream, client, 'down', watch),
    closed: Promise.all([joinEnds(client, upstream), joinEnds(upstream, client)]).then(() => undefined),
  };
}

function passing(from: Duplex, to: Duplex, direction: 'up' | 'down', watch: Watch): (chunk: Buffer) => void {
  to.on('drain', () => from.resume());
  return (chunk) => {
    watch.onActivity?.(direction, chunk.length);
    watch.onTunnelData?.(direction, chunk);
    if (!to.write(chunk)) from.pause();
  };
}

/** Ends `to` as `from` ends, and resolves when `from` is closed. */
function joinEnds(from: Duplex, to: Duplex): Promise<void> {
  tune(from);
  let ended = false;
  from.on('end', () => {
    ended = true;
    to.end();
    if (to instanceof Socket) to.setTimeout(LINGER_MS, () => to.destroy());
  });
  from.on('error', () => to.destroy());
  return new Promise((resolve) => {
    const close = (): void => {
      if (!ended) to.destroy();
      resolve();
    };
    if (from.destroyed) queueMicrotask(close);
    else from.once('close', close).resume();
  });
}

function tune(socket: Duplex): void {
  if (!(socket instanceof Socket)) return;
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  socket.setTimeout(0);
}
