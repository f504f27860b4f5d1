import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ForwardError } from './errors.ts';
import type { ForwarderOptions, ForwardOptions, ForwardResult, Target } from './types.ts';

/** Passes HTTP requests and upgrades on to a target. Never throws and never leaves a response hanging. */
export class Forwarder {
  readonly #options: ForwarderOptions;

  constructor(options: ForwarderOptions = {}) {
    this.#options = options;
  }

  async http(req: IncomingMessage, res: ServerResponse, target: Target, options?: ForwardOptions): Promise<ForwardResult> {
    return await this.#refuse([req, res, target, options]);
  }

  async upgrade(
    req: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    target: Target,
    options?: ForwardOptions,
  ): Promise<ForwardResult> {
    return await this.#refuse([req, socket, head, target, options]);
  }

  async dispose(): Promise<void> {
    await Promise.resolve(this.#options);
  }

  #refuse(_request: unknown[]): Promise<ForwardResult> {
    return Promise.resolve({ ok: false, error: new ForwardError('refused', 'Nothing is forwarded yet.'), headersSent: false });
  }
}
