import { SpawnRefused, SpawnWaits } from '../../../domains/servers/spawner.ts';
import { messageOf } from '../../../platform/errors.ts';
import type { Status } from './wire.ts';
import { quotaWaits } from './words.ts';

/** The API server said no. `reason` is its machine-readable word, such as `AlreadyExists`. */
export class KubeError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly details: Status['details'] | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    status: number,
    reason: string,
    message: string,
    { details, retryAfterMs }: { details?: Status['details'] | undefined; retryAfterMs?: number | undefined } = {},
  ) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.details = details;
    this.retryAfterMs = retryAfterMs;
  }

  /** The quota's count was changed by another at the same time: the same call works a moment later. */
  get isQuotaConflict(): boolean {
    return this.status === 409 && /resourcequotas/i.test(this.message);
  }
}

/** The API server could not be talked to at all: nothing is known about its pods. */
export class ClusterUnreachable extends Error {}

/** Whether the object is not there. */
export function isGone(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404;
}

/** Whether an object of that name is there already. */
export function isTaken(error: unknown): boolean {
  return error instanceof KubeError && error.status === 409 && error.reason === 'AlreadyExists';
}

/** Whether a list's page or a watch's beginning is too old. */
export function isExpired(error: unknown): boolean {
  return error instanceof KubeError && (error.status === 410 || error.reason === 'Expired');
}

/** What a failed call becomes for the callers of the port; the original stays as its cause. */
export function plainError(error: unknown): Error {
  if (error instanceof SpawnRefused || error instanceof SpawnWaits || error instanceof ClusterUnreachable) return error;
  if (error instanceof KubeError) return ofStatus(error);
  if (isAbort(error)) return new Error('The cluster took too long to answer.', { cause: error });
  if (isUnreachable(error)) return new ClusterUnreachable('The cluster does not answer.', { cause: error });
  return error instanceof Error ? error : new Error(messageOf(error));
}

function ofStatus(error: KubeError): Error {
  const { status, message } = error;
  if (status === 403 && /exceeded quota/i.test(message)) return new SpawnWaits(quotaWaits(message), { cause: error });
  if (status === 422 || status === 400) {
    return new SpawnRefused(`The cluster does not accept the server as it is set up: ${message}`, { cause: error });
  }
  if (status === 403) {
    return new SpawnRefused(`The cluster did not permit it. An admin has to look at the hub’s rights: ${message}`, {
      cause: error,
    });
  }
  if (status === 404 && /namespaces? .*not found/i.test(message)) {
    return new SpawnRefused('The namespace for servers is not there. An admin has to create it.', { cause: error });
  }
  return new Error(`The cluster answered: ${message}`, { cause: error });
}

function isUnreachable(error: unknown): boolean {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  return (
    syscall === 'connect' || (typeof code === 'string' && /^(UND_ERR_|ECONN|ENOTFOUND|EAI_|EPIPE|ETIMEDOUT)/.test(code))
  );
}

function isAbort(error: unknown): boolean {
  const { name } = error as { name?: unknown };
  return name === 'AbortError' || name === 'TimeoutError';
}
