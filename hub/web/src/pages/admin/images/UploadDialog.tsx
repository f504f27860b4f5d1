import type { ImageJob } from '@davit/contract';
import { Button, FileButton, formatBytes, jobTag, ProgressBar } from '@davit/ui';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { markOutdated } from '../../../api/queries.ts';
import { useTexts } from '../../../i18n/language.tsx';
import { ActDialog } from '../../../lib/ActDialog.tsx';
import { sendArchive, type Sent } from '../../../lib/images/upload.ts';
import { useNotify } from '../../../lib/notices.tsx';
import { EMPTY_DRAFT, ImageTagFields, useTagErrors } from './ImageTagFields.tsx';

/** Sends an archive to the hub; closing the dialog stops what is under way. */
export function UploadDialog(props: { onClose: () => void; onJob: (job: ImageJob) => void }): ReactElement {
  const { images: words } = useTexts();
  const notify = useNotify();
  const client = useQueryClient();
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const [file, setFile] = useState<File>();
  const [sent, setSent] = useState<Sent>();
  const stop = useRef<AbortController>(undefined);
  const wrong = useTagErrors(draft);
  const send = useMutation({
    networkMode: 'always',
    mutationFn: (archive: File) => {
      stop.current = new AbortController();
      const { name, version, description, editors } = draft;
      const query = { name, version, description, editors: editors?.join(',') };
      return sendArchive(archive, query, { signal: stop.current.signal, onSent: setSent });
    },
    onSettled: () => setSent(undefined),
    onSuccess: (job) => {
      markOutdated(client, 'image-job');
      notify('success', words.building(jobTag(job)));
      props.onJob(job);
    },
  });
  useEffect(() => () => stop.current?.abort(), []);
  const submit = (): void => {
    if (file !== undefined) send.mutate(file);
  };
  return (
    <ActDialog
      title={words.uploadTitle}
      submit={words.uploadSubmit}
      act={send}
      disabled={file === undefined || Object.keys(wrong).length > 0}
      onClose={props.onClose}
      onSubmit={submit}
    >
      <p className="davit-muted">{words.uploadText}</p>
      <div className="trail">
        <FileButton accept={['.tar', '.gz', '.tgz', '.zst', 'application/x-tar']} onFile={setFile}>
          {words.chooseFile}
        </FileButton>
        <span className="davit-muted wrap-anywhere">
          {file === undefined ? words.noFile : `${file.name} (${formatBytes(file.size)})`}
        </span>
      </div>
      <ImageTagFields draft={draft} onChange={setDraft} />
      {sent !== undefined && (
        <div className="upload-progress">
          <div aria-live="polite">{words.uploading(formatBytes(sent.done), formatBytes(sent.total))}</div>
          <ProgressBar label={words.uploadProgress} percent={(sent.done / Math.max(1, sent.total)) * 100} />
          <Button onPress={() => stop.current?.abort()}>{words.stopUpload}</Button>
        </div>
      )}
    </ActDialog>
  );
}
