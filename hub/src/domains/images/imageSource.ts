import type { Editor } from '@davit/contract';

/** An image that comes with Davit, as its manifest declares it. */
export interface BuiltInImage {
  name: string;
  version: string;
  title: string;
  description: string;
  editors: Editor[];
}

/** Where an image lies in the engine: `digest` is the image's content id (`sha256:…`). */
export interface ImageLocation {
  ref: string;
  digest: string;
  sizeBytes: number;
}

/** How a build goes: `step` of `steps`, and the line of the log that was written last. */
export interface BuildProgress {
  image: string;
  step: number;
  steps: number;
  line: string;
}

/** The port to what builds and finds images, implemented by a driver. */
export interface ImageSource {
  /** Images that come with Davit. Those without editors (the base) are listed too. */
  catalogue(): readonly BuiltInImage[];
  /** Where the current content of a built-in image lies, undefined when it has to be built. */
  present(name: string): Promise<ImageLocation | undefined>;
  /** Where an image of the engine lies, by its digest, and by where it was put, if that is known; undefined when the engine does not have it. */
  locate(digest: string, ref?: string): Promise<ImageLocation | undefined>;
  /** Builds what is missing (parents first). Concurrent calls for one image share the build. */
  ensure(
    name: string,
    options: { signal: AbortSignal; onProgress: (progress: BuildProgress) => void },
  ): Promise<ImageLocation>;
}
