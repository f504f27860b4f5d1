import type { ImageJob } from '@davit/contract';
import type { ReactElement } from 'react';
import { Button, IconButton } from './Button.tsx';
import { formatBytes } from './format.ts';
import { jobTag } from './imageTag.ts';
import type { ImageTexts } from './imageTexts.ts';
import { ProgressBar } from './Meter.tsx';
import { StatusDot } from './Status.tsx';

export interface JobRowProps {
  texts: ImageTexts;
  job: ImageJob;
  onCancel?: (job: ImageJob) => void;
  onLog?: (job: ImageJob) => void;
}

/** One save on its way, or how it failed. */
export function JobRow({ texts, job, onCancel, onLog }: JobRowProps): ReactElement {
  const tag = jobTag(job);
  const ended = job.endedAt !== null;
  return (
    <li className="davit-image-row">
      <div className="davit-image-head">
        <StatusDot kind={ended ? 'failed' : 'busy'} label={texts.job.phases[job.phase]} />
        <strong className="davit-image-name">{tag}</strong>
        {onLog !== undefined && <IconButton icon="logs" label={texts.library.logFor(tag)} onPress={() => onLog(job)} />}
        {onCancel !== undefined && !ended && (
          <Button
            label={texts.library.cancelFor(tag)}
            disabled={job.phase === 'cancelling'}
            onPress={() => onCancel(job)}
          >
            {texts.library.cancel}
          </Button>
        )}
      </div>
      <div className="davit-image-facts" aria-live="polite">
        {job.reason === null ? describeJob(texts, job) : texts.hubText(job.reason)}
      </div>
      {!ended && <ProgressBar label={texts.job.progress(tag)} percent={job.percent} />}
    </li>
  );
}

/** `saving, 62 %, 1.2 GiB of 2 GiB`, as far as it is known. */
export function describeJob(texts: ImageTexts, { phase, percent, bytesDone, bytesTotal }: ImageJob): string {
  const parts = [texts.job.phases[phase]];
  if (percent !== null) parts.push(`${String(Math.floor(percent))} %`);
  if (bytesDone !== null && bytesTotal !== null) {
    parts.push(texts.job.bytes(formatBytes(bytesDone), formatBytes(bytesTotal)));
  }
  return texts.job.parts(...parts);
}
