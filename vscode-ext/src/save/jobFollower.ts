import type { ImageJob } from '@davit/contract';
import { isActive } from '../rows/imageRows.ts';

/**
 * Which jobs ended since the last look: only those that this window saw on their way, so that a reload of the page says
 * nothing about yesterday's saves.
 */
export class JobEnds {
  readonly #seen = new Set<string>();

  /** The newly ended jobs among these. */
  update(jobs: readonly ImageJob[]): ImageJob[] {
    const ended = jobs.filter((job) => !isActive(job) && this.#seen.delete(job.id));
    for (const job of jobs) if (isActive(job)) this.#seen.add(job.id);
    return ended;
  }
}
