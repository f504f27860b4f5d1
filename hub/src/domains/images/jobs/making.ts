import { AppError } from '../../../platform/errors.ts';
import type { ImageMaker, MakeProgress, MakeTarget } from '../imageMaker.ts';
import type { ImageJobRow } from './model.ts';

/** Refuses where no images are made. */
export function requireOffered({ notOffered }: Pick<ImageMaker, 'notOffered'>): void {
  if (notOffered !== undefined) throw new AppError('conflict', notOffered);
}

/** What a job makes. By the image's id, so that names that are free again give another reference. */
export function targetOf(job: ImageJobRow): MakeTarget {
  return {
    job: job.id,
    ref: `localhost/davit/made/${job.imageId}:${job.version}`,
    labels: {
      'org.opencontainers.image.title': job.name,
      'org.opencontainers.image.version': job.version,
      'org.opencontainers.image.description': job.description,
    },
  };
}

/** How far a build is; 100 only when its image is there. */
export function percentOf({ step, steps }: MakeProgress): number | undefined {
  if (step === undefined || steps === undefined || steps <= 0) return undefined;
  return Math.min(99, Math.floor((step / steps) * 100));
}
