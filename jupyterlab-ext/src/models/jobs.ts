import type { ImageJob } from '@davit/contract';

const ENDED: readonly string[] = ['done', 'failed', 'cancelled'];

/** True once a job has come to an end, good or bad. */
export function hasEnded(job: ImageJob): boolean {
  return ENDED.includes(job.phase);
}
