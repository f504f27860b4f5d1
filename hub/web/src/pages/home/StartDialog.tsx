import { getSizes, listImages } from '@davit/contract';
import { Dialog, DialogBody, EmptyState, Skeleton } from '@davit/ui';
import type { ReactElement } from 'react';
import { useRoute } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Failure } from '../../lib/failure.tsx';
import { StartForm } from './StartForm.tsx';

export interface StartDialogProps {
  /** Names that my servers have. */
  taken: readonly string[];
  /** The image that is chosen at first; else that of the last start. */
  imageId?: string;
  /** After the server is there, before the dialog closes. */
  onStarted?: () => void;
  onClose: () => void;
}

/** Loads what a new server is chosen from, then shows the form. */
export function StartDialog(props: StartDialogProps): ReactElement {
  const { start, common } = useTexts();
  const images = useRoute('image', listImages, { query: { limit: 200 } });
  const sizes = useRoute('sizes', getSizes, {});

  const items = images.data?.items;
  if (items !== undefined && items.length > 0 && sizes.data !== undefined) {
    return <StartForm images={items} sizes={sizes.data} {...props} />;
  }
  const error = images.error ?? sizes.error;
  const retry = (): void => {
    void images.refetch();
    void sizes.refetch();
  };
  return (
    <Dialog title={start.title} size="large" dismissable onClose={props.onClose}>
      <DialogBody>
        {error !== null && <Failure title={common.failedToLoad} error={error} onRetry={retry} />}
        {error === null && items?.length === 0 && (
          <EmptyState icon="box" title={start.noImages}>
            {start.noImagesText}
          </EmptyState>
        )}
        {error === null && items?.length !== 0 && <Skeleton rows={3} height={72} />}
      </DialogBody>
    </Dialog>
  );
}
