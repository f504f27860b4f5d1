/**
 * Why a request could not be forwarded:
 * `bad-request` the client's request must not be passed on; `refused` nothing listens at the target; `timeout` the
 * target did not connect or answer in time; `reset` the target broke the connection; `bad-response` its answer is not
 * valid HTTP; `client-gone` the client went away; `disposed` the forwarder was closed.
 */
export type ForwardErrorCode =
  'bad-request' | 'refused' | 'timeout' | 'reset' | 'bad-response' | 'client-gone' | 'disposed';

/** The HTTP status that fits each code. `client-gone` and `disposed` are rarely seen by anybody. */
const STATUS: Record<ForwardErrorCode, number> = {
  'bad-request': 400,
  refused: 502,
  timeout: 504,
  reset: 502,
  'bad-response': 502,
  'client-gone': 499,
  disposed: 503,
};

export class ForwardError extends Error {
  readonly code: ForwardErrorCode;

  constructor(code: ForwardErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ForwardError';
    this.code = code;
  }

  /** Status for an answer that the caller renders. */
  get status(): number {
    return STATUS[this.code];
  }
}
