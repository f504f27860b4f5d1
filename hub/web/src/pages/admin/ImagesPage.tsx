import { listImages, prepareImage, type Image, type ImageJob } from '@davit/contract';
import {
  Button,
  DataTable,
  EmptyState,
  formatBytes,
  imageTag,
  MenuButton,
  ProgressBar,
  SearchField,
  StatusDot,
  Tag,
  type MenuEntry,
  type StatusKind,
} from '@davit/ui';
import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.ts';
import { useAct, usePages } from '../../api/queries.ts';
import type { Texts } from '../../i18n/en.ts';
import { useImageTexts, useLanguage, useTexts } from '../../i18n/language.tsx';
import { ImageDialog, type ImageDeed } from '../../lib/images/dialogs.tsx';
import { JobList, JobLogDialog } from '../../lib/images/jobs.tsx';
import { ListState } from '../../lib/ListState.tsx';
import { useNotifyError } from '../../lib/notices.tsx';
import { useNow } from '../../lib/now.ts';
import { EditorNames } from '../../lib/server.tsx';
import { useTitle } from '../../lib/title.ts';
import { useTypedFilter } from '../../lib/useFilter.ts';
import { BuildDialog } from './images/BuildDialog.tsx';
import { LaunchDialog } from './images/LaunchDialog.tsx';
import { RegistrySection } from './images/RegistrySection.tsx';
import { UploadDialog } from './images/UploadDialog.tsx';

const STATUS: Record<Image['phase'], StatusKind> = {
  absent: 'off',
  building: 'busy',
  ready: 'running',
  failed: 'failed',
};

/** What is open beside the list. */
type Open =
  | { kind: ImageDeed | 'launch'; image: Image }
  | { kind: 'log'; job: ImageJob }
  | { kind: 'upload' }
  | { kind: 'build' };

/** Everybody's images with their state; admins prepare, upload and build them and say how servers of them start. */
export function ImagesPage(): ReactElement {
  const { images: words, admin } = useTexts();
  const { language } = useLanguage();
  const search = useTypedFilter('search');
  const [open, setOpen] = useState<Open>();
  const query = { scope: 'all' as const, search: search.filter === '' ? undefined : search.filter, language };
  const images = usePages('image', ['all', query], (cursor, signal) =>
    api(listImages, { query: { ...query, cursor } }, { signal }),
  );
  const now = useNow();
  useTitle(admin.images);
  return (
    <>
      <section className="panel" aria-labelledby="images-title">
        <header className="panel-head">
          <h1 id="images-title">{admin.images}</h1>
          <p>{words.lead}</p>
          <div className="image-tools">
            <SearchField label={words.search} value={search.text} onChange={search.setText} main />
            <Button icon="upload" onPress={() => setOpen({ kind: 'upload' })}>
              {words.upload}
            </Button>
            <Button icon="plus" onPress={() => setOpen({ kind: 'build' })}>
              {words.build}
            </Button>
          </div>
        </header>
        <JobList now={now} />
        <ListState
          list={images}
          failed={words.failed}
          empty={
            search.filter === '' ? (
              <EmptyState icon="box" title={words.empty}>
                {words.emptyText}
              </EmptyState>
            ) : (
              <p className="panel-body davit-muted">{words.noMatch(search.filter)}</p>
            )
          }
        >
          {(items) => <ImageTable images={items} isComplete={!images.hasNextPage} onOpen={setOpen} />}
        </ListState>
        <OpenDialog open={open} onOpen={setOpen} />
      </section>
      <RegistrySection />
    </>
  );
}

function OpenDialog({ open, onOpen }: { open: Open | undefined; onOpen: (open?: Open) => void }) {
  const close = (): void => onOpen();
  const follow = (job: ImageJob): void => onOpen({ kind: 'log', job });
  if (open === undefined) return undefined;
  switch (open.kind) {
    case 'upload':
      return <UploadDialog onClose={close} onJob={follow} />;
    case 'build':
      return <BuildDialog onClose={close} onJob={follow} />;
    case 'log':
      return <JobLogDialog job={open.job} onClose={close} />;
    case 'launch':
      return <LaunchDialog image={open.image} onClose={close} />;
    default:
      return <ImageDialog deed={open.kind} image={open.image} onClose={close} />;
  }
}

function ImageTable(props: {
  images: readonly Image[];
  isComplete: boolean;
  onOpen: (open: Open) => void;
}): ReactElement {
  const { images, isComplete, onOpen } = props;
  const { images: words, admin, common } = useTexts();
  return (
    <DataTable
      label={admin.images}
      rows={images}
      rowKey={({ id }) => id}
      sorting={isComplete ? 'here' : undefined}
      columns={[
        {
          id: 'image',
          title: words.image,
          main: true,
          sortBy: (image) => imageTitle(image, common),
          cell: (image) => <ImageName image={image} />,
        },
        {
          id: 'owner',
          title: words.owner,
          sortBy: ({ ownerName }) => ownerName ?? '',
          cell: ({ ownerName }) => ownerName ?? words.builtIn,
        },
        { id: 'editors', title: words.editors, cell: ({ editors }) => <EditorNames editors={editors} /> },
        {
          id: 'state',
          title: words.state,
          sortBy: ({ phase }) => words.phases[phase],
          cell: (image) => <ImageState image={image} />,
        },
        {
          id: 'size',
          title: words.size,
          align: 'end',
          sortBy: ({ sizeBytes }) => sizeBytes ?? 0,
          cell: ({ sizeBytes }) => (sizeBytes === null ? '—' : formatBytes(sizeBytes)),
        },
        { id: 'more', title: words.image, actions: true, cell: (image) => <ImageMenu image={image} onOpen={onOpen} /> },
      ]}
    />
  );
}

function ImageName({ image }: { image: Image }): ReactElement {
  const { images: words, common } = useTexts();
  const { launch } = image;
  const marks = [
    launch.needsGpu && words.allowed.needsGpu,
    launch.sudo && words.allowed.sudo,
    Object.keys(launch.environment).length > 0 && words.allowed.environment,
    launch.command !== null && words.allowed.command,
    launch.editors !== null && words.allowed.editors,
  ].filter((mark) => mark !== false);
  return (
    <>
      <span className="wrap-anywhere">{imageTitle(image, common)}</span>
      <div className="davit-muted aside wrap-anywhere">
        {image.ownerId === null ? `${image.name}:${image.version}` : image.description}
      </div>
      <div className="marks">
        {image.ownerId !== null && <Tag>{words.visibilities[image.visibility]}</Tag>}
        {marks.map((mark) => (
          <Tag key={mark}>{mark}</Tag>
        ))}
      </div>
    </>
  );
}

function imageTitle(image: Image, { hubText }: Texts['common']): string {
  return image.ownerId === null ? hubText(image.title) : imageTag(image);
}

function ImageState({ image }: { image: Image }): ReactElement {
  const { images: words, common } = useTexts();
  const phase = words.phases[image.phase];
  return (
    <div className="image-state" aria-live="polite">
      <span className="state">
        <StatusDot kind={STATUS[image.phase]} label={phase} />
        {phase}
      </span>
      {image.reason !== null && <span className="davit-muted aside">{common.hubText(image.reason)}</span>}
      {image.phase === 'building' && <ProgressBar label={phase} percent={null} />}
    </div>
  );
}

function ImageMenu({ image, onOpen }: { image: Image; onOpen: (open: Open) => void }): ReactElement {
  const { images: words, common } = useTexts();
  const { library } = useImageTexts();
  const prepare = useAct(prepareImage, 'image');
  const notifyError = useNotifyError();
  const act = (kind: ImageDeed | 'launch') => () => onOpen({ kind, image });
  const isPublic = image.visibility === 'public';
  const builtIn: MenuEntry[] =
    image.phase === 'ready' || image.phase === 'building'
      ? []
      : [
          {
            id: 'prepare',
            text: words.prepare,
            icon: 'download',
            onAction: () => prepare.mutate({ params: { id: image.id } }, { onError: notifyError }),
          },
        ];
  const owned: MenuEntry[] = [
    { id: 'describe', text: library.describe, icon: 'edit', onAction: act('describe') },
    isPublic
      ? { id: 'unpublish', text: library.unpublish, icon: 'box', onAction: act('unpublish') }
      : { id: 'publish', text: library.publish, icon: 'box', onAction: act('publish') },
    ...(isPublic ? [] : [{ id: 'share', text: library.share, icon: 'users', onAction: act('share') } as const]),
    { id: 'remove', text: library.remove, icon: 'trash', danger: true, onAction: act('remove') },
  ];
  const launch: MenuEntry = { id: 'launch', text: words.launch, icon: 'sliders', onAction: act('launch') };
  const entries = image.ownerId === null ? [...builtIn, launch] : [launch, ...owned];
  return <MenuButton label={common.moreFor(imageTag(image))} icon="more" iconOnly entries={entries} />;
}
