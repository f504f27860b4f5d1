import type { ImageJob } from '@davit/contract';
import { useMemo, useState, type ReactElement } from 'react';
import { jobTag } from './imageTag.ts';
import type { ImageTexts } from './imageTexts.ts';
import { describeJob } from './JobRow.tsx';
import { LogView } from './LogView.tsx';
import { ProgressBar } from './Meter.tsx';
import { Notice } from './Notice.tsx';

export interface JobLogProps {
  texts: ImageTexts;
  job: ImageJob;
  lines: readonly string[];
}

/** What a save has written so far, with how far it is. */
export function JobLog({ texts, job, lines }: JobLogProps): ReactElement {
  const [follow, setFollow] = useState(true);
  const tag = jobTag(job);
  const shown = useMemo(() => lines.map(texts.hubText), [lines, texts]);
  return (
    <div className="davit-job-log">
      {job.phase === 'failed' ? (
        <Notice tone="danger">{texts.hubText(job.reason ?? '')}</Notice>
      ) : (
        <div aria-live="polite">{describeJob(texts, job)}</div>
      )}
      {job.endedAt === null && <ProgressBar label={texts.job.progress(tag)} percent={job.percent} />}
      <LogView label={texts.job.log(tag)} lines={shown} empty={texts.job.empty} follow={follow} onFollow={setFollow} />
    </div>
  );
}
