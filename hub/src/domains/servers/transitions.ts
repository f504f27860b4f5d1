import type { Placement, ReleasePolicy } from '@davit/contract';
import { AppError } from '../../platform/errors.ts';
import type { ServerPatch, ServerRow } from './model.ts';
import { creatingContainer, released } from './reasons.ts';

/** What a request does to a row: a patch, or undefined when it is so already. Conflicts are refused with words. */
type Transition = ServerPatch | undefined;

/** What a new generation begins with. */
interface Fresh {
  now: Date;
  basePath: string;
  releasePolicy: ReleasePolicy;
  placement: Placement | null;
}

/** Wants a stopped or failed server to run. One that is still stopping starts when its container is gone. */
export function startPatch(row: ServerRow, fresh: Fresh): Transition {
  requireNotDeleting(row);
  return row.desired === 'running' ? undefined : nextGeneration(row, fresh);
}

/** Wants a fresh container. A server that waits for its first one already gets just that. */
export function resetPatch(row: ServerRow, fresh: Fresh): Transition {
  requireNotDeleting(row);
  const hasNone = row.desired === 'running' && row.engineId === null && row.phase !== 'unknown';
  return hasNone ? undefined : nextGeneration(row, fresh);
}

/** Wants no container. What was only queued is stopped at once, because nothing has to end. */
export function stopPatch(row: ServerRow): Transition {
  if (row.desired !== 'running') return undefined;
  const wanted: ServerPatch = { desired: 'stopped', reason: null, progress: null };
  if (row.admittedAt !== null) return { ...wanted, phase: 'stopping' };
  return { ...wanted, phase: 'stopped', reserved: false, queuedAt: null };
}

/** Wants no container because nobody has used it for as long as its policy says, and keeps on telling so. */
export function releasePatch(row: ServerRow): Transition {
  const patch = stopPatch(row);
  return patch === undefined ? undefined : { ...patch, reason: released(row.releasePolicy) };
}

/** Wants the server gone; its container goes first. */
export function deletePatch(row: ServerRow): Transition {
  if (row.desired === 'deleted') return undefined;
  return { desired: 'deleted', phase: 'deleting', reason: null, progress: null };
}

/** What the server holds of the machines it keeps while its old container ends: nobody else can have it until then. */
function nextGeneration(row: ServerRow, { now, basePath, releasePolicy, placement }: Fresh): ServerPatch {
  return {
    desired: 'running',
    generation: row.generation + 1,
    ...(row.admittedAt === null
      ? { phase: 'queued' as const, reason: null }
      : { phase: 'starting' as const, reason: creatingContainer() }),
    progress: null,
    reserved: true,
    queuedAt: now,
    basePath,
    placement,
    imageRef: null,
    imageDigest: null,
    engineId: null,
    exitCode: null,
    startedAt: null,
    readyAt: null,
    endedAt: null,
    releasePolicy,
    keepUntil: null,
    lastInputAt: null,
    leftAt: null,
    warnedAt: null,
  };
}

function requireNotDeleting(row: ServerRow): void {
  if (row.desired === 'deleted') {
    throw new AppError('conflict', 'This server is being deleted. Create a new one; your files in /data are kept.');
  }
}
