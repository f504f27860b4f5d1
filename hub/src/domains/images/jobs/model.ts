import type { Editor, ImageJob, ImageJobPhase } from '@davit/contract';
import type { ImageLocation } from '../imageSource.ts';

/** A row of `image_jobs`. `imageId` is known from the start; the image itself is there when the phase is `done`. */
export interface ImageJobRow {
  id: string;
  kind: ImageJob['kind'];
  ownerId: string;
  serverId: string | null;
  serverName: string | null;
  imageId: string;
  name: string;
  version: string;
  description: string;
  /** What only this kind of job needs to know, as its handler wrote it; empty some time after the end. */
  input: unknown;
  phase: ImageJobPhase;
  percent: number | null;
  /** bigint columns, which arrive as strings. */
  bytesDone: string | number | null;
  bytesTotal: string | number | null;
  reason: string | null;
  /** How often a hub began it: a job that takes the hub with it must not do so for ever. */
  attempts: number;
  cancelRequested: boolean;
  createdAt: Date;
  endedAt: Date | null;
  revision: number;
}

/** What whoever asks for a job says; the rest follows. */
export type NewImageJob = Pick<
  ImageJobRow,
  'kind' | 'ownerId' | 'serverId' | 'serverName' | 'name' | 'version' | 'description' | 'input'
>;

/** How far a job is; numbers that are left out are not known (any more). */
export interface JobProgress {
  phase: ImageJobPhase;
  bytesDone?: number;
  bytesTotal?: number;
  /** Taken from the bytes when left out; only where it is real. */
  percent?: number;
}

/** What a job made, from which the image's row follows. */
export interface MadeImage {
  location: ImageLocation;
  title: string;
  editors: Editor[];
  parentId: string | undefined;
}

/** What a job is told by its runner. */
export interface JobContext {
  /** Aborted when the job is cancelled and when the hub stops. */
  signal: AbortSignal;
  progress: (progress: JobProgress) => void;
  /** Adds a line to the log that people follow. */
  line: (text: string) => void;
}

/** How one kind of job is done. */
export interface JobHandler {
  /**
   * Makes the image in the engine. May be called again for the same job after a crash of the hub at any point, and then
   * starts afresh. Rejects with ImageJobFailed for a reason that stays; anything else is tried again a few times.
   */
  run(job: ImageJobRow, context: JobContext): Promise<MadeImage>;
  /** Removes all that run() has left of a job that failed or was cancelled, the image too. Idempotent. */
  discard(job: ImageJobRow): Promise<void>;
  /** Removes what ended jobs of this kind have left by a crash; `active` are the jobs that have not ended. */
  sweep(active: ReadonlySet<string>): Promise<void>;
}

/** The job cannot be done; the message tells a person why, and what to do. */
export class ImageJobFailed extends Error {}

/** A job as the API shows it. */
export function toImageJob(row: ImageJobRow): ImageJob {
  const { id, kind, ownerId, serverId, serverName, name, version, description, phase, percent, reason } = row;
  return {
    ...{ id, kind, ownerId, serverId, serverName, name, version, description, phase, percent, reason },
    bytesDone: row.bytesDone === null ? null : Number(row.bytesDone),
    bytesTotal: row.bytesTotal === null ? null : Number(row.bytesTotal),
    imageId: phase === 'done' ? row.imageId : null,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    revision: row.revision,
  };
}
