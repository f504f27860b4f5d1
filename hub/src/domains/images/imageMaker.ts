import type { Editor } from '@davit/contract';
import type { ImageLocation } from './imageSource.ts';

/** What is made. `job` marks everything on the way, so that it is found again after a crash. */
export interface MakeTarget {
  job: string;
  /** The reference of the image when it is complete. */
  ref: string;
  labels: Record<string, string>;
  /** Editors that the image is said to carry; those of its label when left out. */
  editors?: Editor[];
}

/** Where the making is: `step` of `steps` of a build, where they are known. */
export interface MakeProgress {
  step?: number;
  steps?: number;
}

export interface MakeOptions {
  signal: AbortSignal;
  onProgress: (progress: MakeProgress) => void;
  onLine: (line: string) => void;
}

/** What came out. */
export interface Made {
  location: ImageLocation;
  editors: Editor[];
}

/**
 * The port to what makes images of tars and Dockerfiles and removes them, implemented by a driver. An image without Davit's
 * agent gets it, so that a server can start from any. Rejects with ImageJobFailed for a reason that stays.
 */
export interface ImageMaker {
  /** Why uploads and builds are not offered at all: they are refused with it before anything is received. */
  readonly notOffered?: string;
  /** Has the engine take in the archive at `path`; it is left where it is. */
  importArchive(path: string, target: MakeTarget, options: MakeOptions): Promise<Made>;
  /** Builds a Dockerfile whose `${BASE}` is `baseRef`, in an empty context, from the last layer that is still good. */
  buildDockerfile(dockerfile: string, baseRef: string, target: MakeTarget, options: MakeOptions): Promise<Made>;
  /**
   * Takes a reference away, and the image with what no other uses; done when it is already gone. With `digest` it is that
   * content of the reference: people may have put another there.
   */
  remove(ref: string, digest?: string): Promise<void>;
  /** Removes all that the making of this job left, the complete image too. */
  discard(target: Pick<MakeTarget, 'job' | 'ref'>): Promise<void>;
  /** Removes what jobs that are not in `active` have left on the way; complete images stay. */
  sweep(active: ReadonlySet<string>): Promise<void>;
}
