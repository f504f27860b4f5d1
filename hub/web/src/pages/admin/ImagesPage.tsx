import { listImages, prepareImage, type Image } from '@davit/contract';
import { Button, DataTable, EmptyState, formatBytes, ProgressBar, StatusDot, type StatusKind } from '@davit/ui';
import type { ReactElement } from 'react';
import { api } from '../../api/client.ts';
import { useAct, usePages } from '../../api/queries.ts';
import { useTexts } from '../../i18n/language.tsx';
import { ListState } from '../../lib/ListState.tsx';
import { useNotifyError } from '../../lib/notices.tsx';
import { EditorNames } from '../../lib/server.tsx';
import { useTitle } from '../../lib/title.ts';

const STATUS: Record<Image['phase'], StatusKind> = {
  absent: 'off',
  building: 'busy',
  ready: 'running',
  failed: 'failed',
};

/** The images with their state; an admin prepares them ahead of the first start. */
export function ImagesPage(): ReactElement {
  const { images: words, admin } = useTexts();
  const images = usePages('image', ['images'], (cursor, signal) => api(listImages, { query: { cursor } }, { signal }));
  useTitle(admin.images);
  return (
    <section className="panel" aria-labelledby="images-title">
      <header className="panel-head">
        <h1 id="images-title">{admin.images}</h1>
        <p>{words.lead}</p>
      </header>
      <ListState
        list={images}
        failed={words.failed}
        empty={
          <EmptyState icon="box" title={words.empty}>
            {words.emptyText}
          </EmptyState>
        }
      >
        {(items) => (
          <DataTable
            label={admin.images}
            rows={items}
            rowKey={({ id }) => id}
            columns={[
              { id: 'image', title: words.image, main: true, cell: (image) => <ImageName image={image} /> },
              { id: 'editors', title: words.editors, cell: ({ editors }) => <EditorNames editors={editors} /> },
              { id: 'state', title: words.state, cell: (image) => <ImageState image={image} /> },
              {
                id: 'size',
                title: words.size,
                align: 'end',
                cell: ({ sizeBytes }) => (sizeBytes === null ? '—' : formatBytes(sizeBytes)),
              },
              { id: 'prepare', title: words.prepare, actions: true, cell: (image) => <Prepare image={image} /> },
            ]}
          />
        )}
      </ListState>
    </section>
  );
}

function ImageName({ image }: { image: Image }): ReactElement {
  return (
    <>
      {image.title}
      <div className="davit-muted aside">
        {image.name}:{image.version}
      </div>
    </>
  );
}

function ImageState({ image }: { image: Image }): ReactElement {
  const { images: words } = useTexts();
  const phase = words.phases[image.phase];
  return (
    <div className="image-state" aria-live="polite">
      <span className="state">
        <StatusDot kind={STATUS[image.phase]} label={phase} />
        {phase}
      </span>
      {image.reason !== null && <span className="davit-muted aside">{image.reason}</span>}
      {image.phase === 'building' && <ProgressBar label={phase} percent={null} />}
    </div>
  );
}

function Prepare({ image }: { image: Image }): ReactElement | undefined {
  const { images: words } = useTexts();
  const prepare = useAct(prepareImage, 'image');
  const notifyError = useNotifyError();
  if (image.phase === 'ready' || image.phase === 'building') return undefined;
  return (
    <Button
      label={words.prepareOf(image.title)}
      pending={prepare.isPending}
      onPress={() => prepare.mutate({ params: { id: image.id } }, { onError: notifyError })}
    >
      {image.phase === 'failed' ? words.again : words.prepare}
    </Button>
  );
}
