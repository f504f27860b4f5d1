import { ImageJobFailed, type ImageMaker, type Made } from '../../domains/images/index.ts';

const REFUSAL = 'On a cluster no images can be made yet. An admin builds and pushes them with: npm run images.';

/** Stands where no engine is at hand that could make images. */
export class NoImageMaker implements ImageMaker {
  importArchive(): Promise<Made> {
    return Promise.reject(new ImageJobFailed(REFUSAL));
  }

  buildDockerfile(): Promise<Made> {
    return Promise.reject(new ImageJobFailed(REFUSAL));
  }

  remove(): Promise<void> {
    return Promise.resolve();
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }

  sweep(): Promise<void> {
    return Promise.resolve();
  }
}
