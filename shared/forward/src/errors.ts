/**
 * Why a request could not be forwarded:
 * `bad-request` the client's request must not be passed on; `refused` nothing listens at the target; `timeout` the
 * target did not connect or answer in time; `reset` the target broke the connection; `bad-response` its answer is not
 * valid HTTP; `client-gone` the client went away; `disposed` the forwarder was closed.
 */
export type ForwardErrorCode =
  'bad-request' | 'refused' | 'timeout' | 'reset' | 'bad-response' | 'client-gone' | 'disposed';

const STATUS: Record<ForwardErrorCode, number> = {
  'bad-request': 400,
  refused: 502,
  timeout: 504,
  reset: 502,
  'bad-response': 502,
  'client-gone': 499,
  disposed: 503,
};

/** A request that could not be forwarded. The message is plain English and names no address. */
export class ForwardError extends Error {
  readonly code: ForwardErrorCode;

  constructor(code: ForwardErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ForwardError';
    this.code = code;
  }

  /** The HTTP status for an answer that the caller renders. */
  get status(): number {
    return STATUS[this.code];
  }
}

const MESSAGE: Record<ForwardErrorCode, string> = {
  'bad-request': 'The request is not valid HTTP that can be passed on.',
  refused: 'Nothing accepts connections at the target.',
  timeout: 'The target did not answer in time.',
  reset: 'The target closed the connection before its answer was complete.',
  'bad-response': 'The target sent an answer that is not valid HTTP.',
  'client-gone': 'The client closed the connection.',
  disposed: 'The forwarder is closed.',
};

/** Error codes of sockets, and of Node's checks of what is sent to the client, by what they mean here. */
const BY_CODE: Record<string, ForwardErrorCode> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  ENOTFOUND: 'refused',
  EAI_AGAIN: 'refused',
  ETIMEDOUT: 'timeout',
  ERR_INVALID_CHAR: 'bad-response',
  ERR_INVALID_HTTP_TOKEN: 'bad-response',
  ERR_HTTP_INVALID_HEADER_VALUE: 'bad-response',
  ERR_HTTP_INVALID_STATUS_CODE: 'bad-response',
};

/** Names what an error means for the request; an unknown one counts as a broken connection. */
export function toForwardError(error: unknown): ForwardError {
  if (error instanceof ForwardError) return error;
  const code = forwardCode(error);
  return new ForwardError(code, MESSAGE[code], error);
}

/** A `ForwardError` with the usual message of its code. */
export function forwardError(code: ForwardErrorCode): ForwardError {
  return new ForwardError(code, MESSAGE[code]);
}

function forwardCode(error: unknown): ForwardErrorCode {
  if (error instanceof AggregateError) return forwardCode(error.errors[0]);
  const { code } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  return BY_CODE[code ?? ''] ?? 'reset';
}
