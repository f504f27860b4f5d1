import type { SavePreview } from '@davit/contract';
import type { Actor } from '../../platform/auth.ts';
import type { ImageLocation } from './imageSource.ts';

/** A running server as it is about to be saved; `engineId` names its container, which a later one never is. */
export interface SavableServer {
  id: string;
  name: string;
  ownerId: string;
  imageId: string;
  engineId: string;
}

/** What a save makes. `job` marks everything on the way, so that it is found again after a crash. */
export interface SaveTarget {
  job: string;
  /** The reference of the image when it is complete. */
  ref: string;
  /** Labels on top of those of the image that the server was started from. */
  labels: Record<string, string>;
  /** Patterns of what is left out: see `scrub.ts`. */
  scrub: readonly string[];
}

/** `squashing`: the same as `saving`, with earlier saved layers joined in. `storing`: the engine takes the layer. */
export interface SaveProgress {
  step: 'checking' | 'saving' | 'squashing' | 'storing';
  bytesDone?: number;
  bytesTotal?: number;
}

export interface SaveOptions {
  signal: AbortSignal;
  onProgress: (progress: SaveProgress) => void;
  onLine: (line: string) => void;
  /**
   * To be asked before anything of this job is taken away or begun anew. Rejects when another hub may do the job by now:
   * a hub that was stopped in the middle leaves all as it is, for the image under this name may be the other's.
   */
  confirm: () => Promise<void>;
}

/** What a save of a container would keep and leave out, as far as it could be measured in time. */
export type SaveMeasure = Pick<SavePreview, 'notSaved' | 'changedBytes' | 'freeBytes'>;

/** What this domain asks of the one that keeps servers. */
export interface ServerSaver {
  /** The server, if the actor may save it and it runs; 404 or 409 otherwise. Only its owner may. */
  savable(actor: Actor, serverId: string): Promise<SavableServer>;
  measure(server: Pick<SavableServer, 'id' | 'engineId'>, scrub: readonly string[]): Promise<SaveMeasure>;
  /** Makes the image. Rejects with ImageJobFailed for a reason that stays. */
  save(
    server: Pick<SavableServer, 'id' | 'engineId'>,
    target: SaveTarget,
    options: SaveOptions,
  ): Promise<ImageLocation>;
  /** Removes all that a save of this job has left, the complete image too. */
  discard(target: Pick<SaveTarget, 'job' | 'ref'>): Promise<void>;
  /** Removes what is left of saves whose jobs are not in `active`; complete images stay. */
  sweep(active: ReadonlySet<string>): Promise<void>;
}
