import type { ForwardError } from './errors.ts';

/** Where a request goes: an address (an IP literal needs no name lookup) and a TCP port. Plain HTTP/1.1. */
export interface Target {
  host: string;
  port: number;
}

/** Response headers by lower-case name; a header that was sent several times is a list. `undefined` drops it. */
export type ResponseHeaders = Record<string, string | string[] | undefined>;

export interface ForwardOptions {
  /** Path and query sent upstream; default `req.url`. Must start with `/`. */
  path?: string;
  /**
   * Request headers that are overwritten (`undefined` removes), applied after hop-by-hop headers are dropped. Not for those
   * that frame the body.
   */
  setHeaders?: Record<string, string | undefined>;
  /**
   * May drop or rewrite response headers. Called once per response, for a 101 and for an ordinary answer alike. One that
   * throws a `ForwardError` refuses the response: nothing of it is passed on, and that error is the result.
   */
  filterResponse?: (status: number, headers: ResponseHeaders) => ResponseHeaders;
  /** Called for each piece of body or tunnel data: `up` towards the target, `down` towards the client. */
  onActivity?: (direction: 'up' | 'down', bytes: number) => void;
  /** Upgrades only: sees each piece of tunnel data before it is passed on. Must neither keep nor change it. */
  onTunnelData?: (direction: 'up' | 'down', chunk: Buffer) => void;
}

export interface ForwarderOptions {
  /** Connections to one target at a time; further requests wait. Default 256. */
  connections?: number;
  /** Time from the end of the request to the response's headers. Default 300 000 ms. A body has no limit. */
  headersTimeoutMs?: number;
  /** Time to connect, and to wait for a free connection. Default 10 000 ms. */
  connectTimeoutMs?: number;
  /** A target without requests for this long has its connections closed. Default 30 000 ms. */
  poolIdleMs?: number;
  /** Targets whose idle connections are kept. Default 512. */
  maxPools?: number;
}

/**
 * What became of a request. `ok` means that the answer, whatever its status, was passed on to its end. On an error with
 * `headersSent` false the client has seen nothing yet and the caller answers it; else the client's connection is closed.
 */
export type ForwardResult = { ok: true } | { ok: false; error: ForwardError; headersSent: boolean };
