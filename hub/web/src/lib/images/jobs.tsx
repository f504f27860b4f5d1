import { cancelImageJob, getImageJob, getImageJobLog, listImageJobs, type ImageJob } from '@davit/contract';
import { Button, Dialog, DialogBody, DialogFoot, JobLog, JobRow, jobTag, Skeleton } from '@davit/ui';
import { useEffect, useState, type ReactElement } from 'react';
import { api } from '../../api/client.ts';
import { useAct, useRoute } from '../../api/queries.ts';
import { useImageTexts, useTexts } from '../../i18n/language.tsx';
import { Failure } from '../failure.tsx';
import { useNotifyError } from '../notices.tsx';

/** How often a log is asked for more while its job goes on. */
const FOLLOW_MS = 1000;
/** A job that failed is told of so long. */
const FAILED_MS = 60 * 60 * 1000;
const RECENT = 20;

/** My saves, uploads and builds: those under way, and those that failed a short while ago. */
export function useJobs(): ImageJob[] | undefined {
  const jobs = useRoute('image-job', listImageJobs, { query: { limit: RECENT } });
  return jobs.data?.items;
}

/** Cancels a job; a refusal is told at the foot of the page. */
export function useCancelJob(): (job: ImageJob) => void {
  const cancel = useAct(cancelImageJob, 'image-job');
  const notifyError = useNotifyError();
  return ({ id }) => cancel.mutate({ params: { id } }, { onError: notifyError });
}

/** What is being made, above a list; nothing when there is nothing. */
export function JobList({ now }: { now: number }): ReactElement | undefined {
  const texts = useImageTexts();
  const cancel = useCancelJob();
  const [shown, setShown] = useState<ImageJob>();
  const jobs = (useJobs() ?? []).filter((job) => isNews(job, now));
  if (jobs.length === 0) return undefined;
  return (
    <div className="panel-body">
      <ul className="davit-image-list" aria-label={texts.library.jobs}>
        {jobs.map((job) => (
          <JobRow key={job.id} texts={texts} job={job} onCancel={cancel} onLog={setShown} />
        ))}
      </ul>
      {shown !== undefined && <JobLogDialog job={shown} onClose={() => setShown(undefined)} />}
    </div>
  );
}

function isNews({ phase, endedAt }: ImageJob, now: number): boolean {
  return endedAt === null || (phase === 'failed' && now - Date.parse(endedAt) < FAILED_MS);
}

/** A job's log, which follows while it goes on; it goes on when the dialog is closed. */
export function JobLogDialog(props: { job: ImageJob; onClose: () => void }): ReactElement {
  const { images: words, common } = useTexts();
  const texts = useImageTexts();
  const { data: job = props.job } = useRoute('image-job', getImageJob, { params: { id: props.job.id } });
  const { lines, error, retry } = useJobLines(props.job.id);
  const cancel = useCancelJob();
  const [cancelled, setCancelled] = useState(false);
  // The button that goes may have the focus, and a page without focus hears no Esc.
  const over = cancelled || job.endedAt !== null;
  return (
    <Dialog title={words.jobLog(jobTag(job))} size="large" dismissable onClose={props.onClose}>
      <DialogBody>
        {error !== undefined && <Failure title={common.failedToLoad} error={error} onRetry={retry} />}
        {lines === undefined ? <Skeleton rows={8} height={16} /> : <JobLog texts={texts} job={job} lines={lines} />}
      </DialogBody>
      <DialogFoot>
        {!over && (
          <Button
            label={texts.library.cancelFor(jobTag(job))}
            onPress={() => {
              setCancelled(true);
              cancel(job);
            }}
          >
            {texts.library.cancel}
          </Button>
        )}
        <Button key={String(over)} variant="primary" autoFocus={over} onPress={props.onClose}>
          {common.close}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

/** The lines so far; asks for those after the last one until the job has ended. */
function useJobLines(id: string): { lines: readonly string[] | undefined; error: unknown; retry: () => void } {
  const [lines, setLines] = useState<readonly string[]>();
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const closed = new AbortController();
    const { signal } = closed;
    const follow = async (): Promise<void> => {
      let known: string[] = [];
      for (let after = 0; !signal.aborted;) {
        const page = await api(getImageJobLog, { params: { id }, query: { after } }, { signal });
        known = [...known, ...page.lines];
        after = page.next;
        setLines(known);
        if (page.ended) return;
        if (page.lines.length === 0) await new Promise((resolve) => setTimeout(resolve, FOLLOW_MS));
      }
    };
    follow().catch((reason: unknown) => {
      if (!signal.aborted) setError(reason);
    });
    return () => closed.abort();
  }, [id, turn]);
  const retry = (): void => {
    setError(undefined);
    setTurn(turn + 1);
  };
  return { lines, error, retry };
}
