import { Button, Dialog, DialogBody, DialogFoot, JobLog, jobTag } from '@davit/ui';
import { useEffect, useState, type ReactElement } from 'react';
import type { Host } from '../../host.ts';
import type { IImagesModel } from '../../tokens.ts';
import { sharedTexts, useModel } from '../frame.tsx';
import { showModal } from '../modal.tsx';

const EVERY_MS = 1_500;

/** Shows what a save writes while it writes it. */
export async function showLog(host: Host, images: IImagesModel, jobId: string): Promise<void> {
  await showModal(host, (close) => <LogDialog host={host} images={images} jobId={jobId} onClose={close} />);
}

interface LogDialogProps {
  host: Host;
  images: IImagesModel;
  jobId: string;
  onClose: () => void;
}

function LogDialog({ host, images, jobId, onClose }: LogDialogProps): ReactElement {
  const { trans } = host;
  useModel(images, 2_000);
  const lines = useLog(images, jobId);
  const job = images.jobs?.find(({ id }) => id === jobId);
  const title = job === undefined ? trans.__('Log of a save') : trans.__('Saving %1', jobTag(job));
  return (
    <Dialog title={title} size="large" dismissable onClose={onClose}>
      <DialogBody>
        {job !== undefined && <JobLog texts={sharedTexts(host).images} job={job} lines={lines} />}
      </DialogBody>
      <DialogFoot>
        {job?.endedAt === null && (
          <Button disabled={job.phase === 'cancelling'} onPress={() => void images.cancel(jobId)}>
            {trans.__('Cancel the save')}
          </Button>
        )}
        <Button variant="primary" onPress={onClose}>
          {trans.__('Close')}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}

/** The lines so far; asks for more until the log has ended. */
function useLog(images: IImagesModel, jobId: string): readonly string[] {
  const [lines, setLines] = useState<readonly string[]>([]);
  useEffect(() => {
    let after = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopped = false;
    const ask = async (): Promise<void> => {
      const part = await images.log(jobId, after).catch(() => undefined);
      if (stopped) return;
      if (part !== undefined) {
        after = part.next;
        if (part.lines.length > 0) setLines((before) => [...before, ...part.lines]);
      }
      if (part?.ended !== true) timer = setTimeout(() => void ask(), EVERY_MS);
    };
    void ask();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [images, jobId]);
  return lines;
}
