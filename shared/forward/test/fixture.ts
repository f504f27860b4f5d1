import { afterEach, beforeEach } from '@jest/globals';
import { Forwarder } from '../src/forwarder.ts';
import type { ForwarderOptions, ForwardOptions } from '../src/types.ts';
import { proxy, type Listening, type Proxy } from './servers.ts';

/** A forwarder of each test, and what listens for it; they end with the test. */
export class Fixture {
  forwarder = new Forwarder();
  /** Closed after the test. */
  readonly open: Listening[] = [];

  /** A server that forwards to another. */
  readonly before = async (backend: Promise<Listening>, options?: ForwardOptions): Promise<Proxy> => {
    const server = await backend;
    const front = await proxy(this.forwarder, server.target, options);
    this.open.push(server, front);
    return front;
  };

  /** Puts a forwarder with these options in the place of the test's. */
  async withOptions(options: ForwarderOptions): Promise<void> {
    await this.forwarder.dispose();
    this.forwarder = new Forwarder(options);
  }

  async end(): Promise<void> {
    await this.forwarder.dispose();
    await Promise.all(this.open.splice(0).map((server) => server.close()));
  }
}

/** Called once in a file of tests. */
export function useForwarder(): Fixture {
  const fixture = new Fixture();
  beforeEach(() => {
    fixture.forwarder = new Forwarder();
  });
  afterEach(() => fixture.end());
  return fixture;
}
