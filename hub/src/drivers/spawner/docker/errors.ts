import { SpawnRefused } from '../../../domains/servers/spawner.ts';
import { messageOf } from '../../../platform/errors.ts';

/** The engine could not be talked to at all: nothing is known about its containers. */
export class EngineUnreachable extends Error {}

/** Failures that stay the same however often they are tried, told by what Docker, Podman or the OCI runtime write. */
const REFUSALS: { pattern: RegExp; message: string }[] = [
  {
    pattern: /no such image|image not known|unable to find .*image/i,
    message:
      'Its image is no longer in the container engine. Start the server again to have the image built or fetched.',
  },
  {
    pattern: /no space left on device|disk quota exceeded/i,
    message: 'The disk of the machine is full. Delete files or unused images, or ask an admin to.',
  },
  {
    pattern: /unresolvable CDI device|could not select device driver|nvidia-container-cli/i,
    message:
      'The container engine cannot attach the GPU. An admin has to install the NVIDIA container toolkit, for Podman with `nvidia-ctk cdi generate`.',
  },
  {
    pattern: /executable file .*not found|exec: .*no such file|exec format error/i,
    message: 'The first program of its image cannot be run on this machine. Choose another image.',
  },
  {
    pattern: /minimum memory limit|memory limit .*too small/i,
    message: 'The container engine refuses so little memory. Ask for more.',
  },
  {
    pattern: /permission denied|operation not permitted|EACCES|EPERM/i,
    message: 'The machine did not permit it. An admin finds the cause in the hub’s log.',
  },
];

/** What a socket says that was cut; a failed connect counts whatever its code. */
const CUT = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

/** The engine's HTTP status of a failed call, undefined when the call did not get that far. */
export function statusOf(error: unknown): number | undefined {
  return hasField(error, 'statusCode') && typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** Whether the engine said that the thing does not exist. */
export function isGone(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** Whether another container has the port; a new container gets another one. */
export function isPortConflict(error: unknown): boolean {
  return /port is already allocated|address already in use/i.test(messageOf(error));
}

/** Whether the call failed on the way to the engine, before any answer. */
export function isUnreachable(error: unknown): boolean {
  if (error instanceof EngineUnreachable) return true;
  if (hasField(error, 'syscall') && error.syscall === 'connect') return true;
  return hasField(error, 'code') && typeof error.code === 'string' && CUT.has(error.code);
}

/** What a failed call becomes for the callers of the port; the original stays as its cause. */
export function plainError(error: unknown): Error {
  if (error instanceof SpawnRefused || error instanceof EngineUnreachable) return error;
  if (isUnreachable(error)) return new EngineUnreachable('The container engine does not answer.', { cause: error });
  if (isAbort(error)) return new Error('The container engine took too long to answer.', { cause: error });
  const refusal = REFUSALS.find(({ pattern }) => pattern.test(messageOf(error)));
  if (refusal !== undefined) return new SpawnRefused(refusal.message, { cause: error });
  return error instanceof Error ? error : new Error(messageOf(error));
}

function isAbort(error: unknown): boolean {
  return hasField(error, 'name') && (error.name === 'AbortError' || error.name === 'TimeoutError');
}

function hasField<K extends string>(value: unknown, key: K): value is Record<K, unknown> {
  return typeof value === 'object' && value !== null && key in value;
}
