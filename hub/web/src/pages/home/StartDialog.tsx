import { getSizes } from '@davit/contract';
import { Dialog, DialogBody, EmptyState, Skeleton } from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { useRoute } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { Failure } from '../../lib/failure.tsx';
import { lastChoice } from './startChoice.ts';
import { StartForm } from './StartForm.tsx';
import { useStartImages } from './startImages.ts';

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
  const [last] = useState(() => lastChoice());
  const images = useStartImages(props.imageId ?? last.image);
  const sizes = useRoute('sizes', getSizes, {});

  if (images.items !== undefined && !images.none && sizes.data !== undefined) {
    return <StartForm images={images} items={images.items} sizes={sizes.data} last={last} {...props} />;
  }
  const error = images.error ?? sizes.error;
  const retry = (): void => {
    images.retry();
    void sizes.refetch();
  };
  return (
    <Dialog title={start.title} size="large" dismissable onClose={props.onClose}>
      <DialogBody>
        {error !== null && <Failure title={common.failedToLoad} error={error} onRetry={retry} />}
        {error === null && images.none && (
          <EmptyState icon="box" title={start.noImages}>
            {start.noImagesText}
          </EmptyState>
        )}
        {error === null && !images.none && <Skeleton rows={3} height={72} />}
      </DialogBody>
    </Dialog>
  );
}
