import { listImages, previewSave, saveServer, type ImageJob, type SaveImage, type Server } from '@davit/contract';
import { Button, Dialog, DialogBody, jobTag, SaveForm } from '@davit/ui';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { api, errorText, fieldErrors } from '../../api/client.ts';
import { everyPage } from '../../api/everyPage.ts';
import { useAct, useRoute } from '../../api/queries.ts';
import { useImageTexts, useTexts } from '../../i18n/language.tsx';
import { Failure } from '../failure.tsx';
import { useNotify } from '../notices.tsx';
import { JobLogDialog } from './jobs.tsx';

/** Saves a running server as an image: asks for its name, and shows the log when it is wanted. */
export function SaveDialog({ server, onClose }: { server: Server; onClose: () => void }): ReactElement {
  const { images: words, common } = useTexts();
  const texts = useImageTexts();
  const notify = useNotify();
  const [job, setJob] = useState<ImageJob>();
  const preview = useRoute('image-job', previewSave, { params: { id: server.id } });
  const own = useQuery({
    queryKey: ['image', 'own'],
    queryFn: ({ signal }) =>
      everyPage((cursor) => api(listImages, { query: { origin: 'own', limit: 200, cursor } }, { signal })),
  });
  const save = useAct(saveServer, 'image-job');
  const submit = (body: SaveImage): void =>
    save.mutate(
      { params: { id: server.id }, body },
      {
        onSuccess: (begun) => {
          notify('success', words.saving(jobTag(begun)));
          setJob(begun);
        },
      },
    );
  if (job !== undefined) return <JobLogDialog job={job} onClose={onClose} />;
  return (
    <Dialog title={words.saveTitle(server.name)} onClose={onClose}>
      {preview.error === null ? (
        <SaveForm
          texts={texts.save}
          preview={preview.data}
          taken={new Set((own.data ?? []).map(jobTag))}
          pending={save.isPending}
          error={save.error === null ? undefined : errorText(save.error, common)}
          fieldErrors={fieldErrors(save.error, common)}
          onCancel={onClose}
          onSubmit={submit}
        />
      ) : (
        <DialogBody>
          <Failure title={common.failedToLoad} error={preview.error} onRetry={() => void preview.refetch()} />
          <Button onPress={onClose}>{common.close}</Button>
        </DialogBody>
      )}
    </Dialog>
  );
}
