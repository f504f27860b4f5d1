import type { ImageJob } from '@davit/contract';
import type { Host } from './host.ts';

/** What a notification says about a save; `progress` from 0 to 1 where it is known. */
export interface SaveNotice {
  message: string;
  type: 'in-progress' | 'success' | 'error' | 'default';
  progress?: number;
}

/** The state of a save in one line. */
export function saveNotice(job: ImageJob, { trans, hubText }: Pick<Host, 'trans' | 'hubText'>): SaveNotice {
  const tag = `${job.name}:${job.version}`;
  switch (job.phase) {
    case 'done':
      return { message: trans.__('%1 is saved. New servers can start from it.', tag), type: 'success' };
    case 'failed':
      return { message: trans.__('%1 was not saved: %2', tag, hubText(job.reason ?? '')), type: 'error' };
    case 'cancelled':
      return { message: trans.__('Saving %1 was cancelled. Nothing of it is kept.', tag), type: 'default' };
    case 'cancelling':
      return { message: trans.__('Cancelling %1 …', tag), type: 'in-progress' };
    default:
      return job.percent === null
        ? { message: trans.__('Saving %1 …', tag), type: 'in-progress' }
        : {
            message: trans.__('Saving %1: %2 %', tag, Math.floor(job.percent)),
            type: 'in-progress',
            progress: job.percent / 100,
          };
  }
}
