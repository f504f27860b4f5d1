import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ConnectionTimeouts } from './connection.ts';
import { forwardError, toForwardError } from './errors.ts';
import { Exchange } from './exchange.ts';
import { outgoingRequest } from './outgoing.ts';
import { Pools } from './pools.ts';
import { Tunnel } from './tunnel.ts';
import type { ForwarderOptions, ForwardOptions, ForwardResult, Target } from './types.ts';

/** Passes HTTP requests and upgrades on to a target. Never throws and never leaves a response hanging. */
export class Forwarder {
  readonly #pools: Pools;
  readonly #timeouts: ConnectionTimeouts;
  readonly #tunnels = new Set<Tunnel>();
  #disposed = false;

  constructor(options: ForwarderOptions = {}) {
    this.#timeouts = {
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      headersTimeoutMs: options.headersTimeoutMs ?? 300_000,
    };
    this.#pools = new Pools({
      ...this.#timeouts,
      connections: options.connections ?? 256,
      poolIdleMs: options.poolIdleMs ?? 30_000,
      maxPools: options.maxPools ?? 512,
    });
  }

  /** Targets with open or recently used connections, and tunnels that are open. For metrics and tests. */
  get usage(): { pools: number; tunnels: number } {
    return { pools: this.#pools.size, tunnels: this.#tunnels.size };
  }

  /**
   * Forwards one request; resolves when its answer has been passed on, or with the reason why not. After `refused` nothing
   * of the request's body has been read, so that it may be forwarded elsewhere. Nobody else may keep pieces of that body:
   * their memory is freed when they have left.
   */
  http(
    req: IncomingMessage,
    res: ServerResponse,
    target: Target,
    options: ForwardOptions = {},
  ): Promise<ForwardResult> {
    return new Promise((resolve) => {
      if (res.destroyed || req.socket.destroyed) {
        resolve({ ok: false, error: forwardError('client-gone'), headersSent: res.headersSent });
        return;
      }
      try {
        const outgoing = outgoingRequest(req, target, options);
        new Exchange(req, res, options, outgoing, resolve).start(this.#pools.get(target));
      } catch (error) {
        resolve({ ok: false, error: toForwardError(error), headersSent: res.headersSent });
      }
    });
  }

  /**
   * Forwards one request for an upgrade; resolves when the tunnel has ended, or with the reason why there was none. Attach
   * an `error` listener to the socket yourself before the first `await` that precedes this call.
   */
  upgrade(
    req: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    target: Target,
    options: ForwardOptions = {},
  ): Promise<ForwardResult> {
    return new Promise((resolve) => {
      const tunnel = new Tunnel(socket, head, options, (result) => {
        this.#tunnels.delete(tunnel);
        resolve(result);
      });
      this.#tunnels.add(tunnel);
      if (this.#disposed) tunnel.destroy(forwardError('disposed'));
      else tunnel.start(req, target, this.#timeouts);
    });
  }

  /** Ends all tunnels, requests and connections. */
  dispose(): Promise<void> {
    this.#disposed = true;
    for (const tunnel of this.#tunnels) tunnel.destroy(forwardError('disposed'));
    this.#pools.dispose();
    return Promise.resolve();
  }
}
