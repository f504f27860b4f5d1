import type { Image, ImageJob } from '@davit/contract';
import { useState, type ReactElement, type ReactNode } from 'react';
import { Button } from './Button.tsx';
import { formatBytes, formatExact, formatRelative } from './format.ts';
import { imageTag } from './imageTag.ts';
import type { ImageTexts } from './imageTexts.ts';
import { JobRow } from './JobRow.tsx';
import { MenuButton, type MenuEntry } from './Menu.tsx';
import { EmptyState, Notice } from './Notice.tsx';
import { Select } from './Select.tsx';
import { Skeleton, Tag } from './Status.tsx';
import { SearchField } from './TextField.tsx';

/** What can be done with an image; those left out are not offered. The last five are for own images. */
export interface ImageActions {
  /** Offered where there is room: on a page, not in a panel of a running server. */
  start?: (image: Image) => void;
  copyName?: (image: Image) => void;
  describe?: (image: Image) => void;
  publish?: (image: Image) => void;
  unpublish?: (image: Image) => void;
  share?: (image: Image) => void;
  remove?: (image: Image) => void;
}

export interface ImageLibraryProps {
  texts: ImageTexts;
  locale: string;
  /** The present moment, in ms. */
  now: number;
  /** Undefined while they are on their way. */
  images: readonly Image[] | undefined;
  jobs: readonly ImageJob[] | undefined;
  /** What is searched for, where the page keeps that; else the library keeps it. */
  filter?: ImageFilter;
  /** `images` are what the filter found: none of them does not mean that there are none. */
  filtered?: boolean;
  /** Without search and filter, for a narrow panel with few images. */
  compact?: boolean;
  failure?: string;
  actions: ImageActions;
  onCancelJob?: (job: ImageJob) => void;
  onShowLog?: (job: ImageJob) => void;
  /** The first step, offered where there are no images. */
  start?: ReactNode;
}

type Origin = Image['origin'] | 'all';

/** Search words and whose images are shown. */
export interface ImageFilter {
  search: string;
  origin: Origin;
  onSearch: (search: string) => void;
  onOrigin: (origin: Origin) => void;
}
const ORIGINS = ['own', 'shared', 'public', 'built-in'] as const;

/** A narrow panel offers the search from so many images on. */
const MANY = 8;
/** A save that failed is told of so long. */
const FAILED_MS = 60 * 60 * 1000;

/** Saves in progress, then the images that one may start from. */
export function ImageLibrary(props: ImageLibraryProps): ReactElement {
  const { texts, images, compact = false } = props;
  const own = useOwnFilter();
  const { search, origin, onSearch, onOrigin } = props.filter ?? own;
  if (props.failure !== undefined && images === undefined) return <Notice tone="danger">{props.failure}</Notice>;
  if (images === undefined) return <Skeleton rows={3} />;

  const shown = images.filter((image) => matches(image, texts, search, origin)).sort(byOrigin);
  const withSearch = !compact || images.length >= MANY;
  return (
    <div className={compact ? 'davit-library davit-library-compact' : 'davit-library'}>
      <Jobs {...props} />
      {withSearch && (
        <div className="davit-library-tools">
          <SearchField
            label={texts.library.search}
            value={search}
            onChange={onSearch}
            main={props.filter !== undefined}
          />
          {!compact && <OriginFilter texts={texts} value={origin} onChange={onOrigin} />}
        </div>
      )}
      {images.length === 0 && props.filtered !== true && (
        <EmptyState icon="box" title={texts.library.none} action={props.start}>
          {texts.library.noneText}
        </EmptyState>
      )}
      {shown.length === 0 && (images.length > 0 || props.filtered === true) && (
        <p className="davit-muted">{texts.library.missing(search)}</p>
      )}
      <ul className="davit-image-list" aria-label={texts.library.label}>
        {shown.map((image) => (
          <ImageRow key={image.id} image={image} {...props} />
        ))}
      </ul>
    </div>
  );
}

/** What is being made. */
function Jobs({ texts, jobs = [], now, onCancelJob, onShowLog }: ImageLibraryProps): ReactElement | undefined {
  const news = jobs.filter((job) => isNews(job, now));
  if (news.length === 0) return undefined;
  return (
    <ul className="davit-image-list" aria-label={texts.library.jobs}>
      {news.map((job) => (
        <JobRow key={job.id} texts={texts} job={job} onCancel={onCancelJob} onLog={onShowLog} />
      ))}
    </ul>
  );
}

function useOwnFilter(): ImageFilter {
  const [search, onSearch] = useState('');
  const [origin, onOrigin] = useState<Origin>('all');
  return { search, origin, onSearch, onOrigin };
}

interface OriginFilterProps {
  texts: ImageTexts;
  value: Origin;
  onChange: (origin: Origin) => void;
}

function OriginFilter({ texts, value, onChange }: OriginFilterProps): ReactElement {
  const options = [
    { id: 'all' as const, text: texts.library.all },
    ...ORIGINS.map((id) => ({ id, text: texts.library.filters[id] })),
  ];
  return <Select label={texts.library.label} hideLabel value={value} options={options} onChange={onChange} />;
}

function ImageRow({ image, texts, locale, now, actions }: { image: Image } & ImageLibraryProps): ReactElement {
  const tag = imageTag(image);
  const created = Date.parse(image.createdAt);
  const entries = menuOf(image, texts, actions);
  return (
    <li className="davit-image-row" data-image={image.id}>
      <div className="davit-image-head">
        <strong className="davit-image-name" title={tag}>
          {titleOf(image, texts) ?? tag}
        </strong>
        {actions.start !== undefined && (
          <Button icon="play" label={texts.library.startFrom(tag)} onPress={() => actions.start?.(image)}>
            {texts.library.start}
          </Button>
        )}
        {entries.length > 0 && (
          <MenuButton label={texts.library.moreFor(tag)} icon="more" iconOnly variant="quiet" entries={entries} />
        )}
      </div>
      {image.description !== '' && <div className="davit-image-words">{descriptionOf(image, texts)}</div>}
      <div className="davit-image-facts">
        <Tag tone={image.origin === 'own' ? 'accent' : undefined}>
          {image.origin === 'own' && image.visibility === 'public'
            ? texts.library.published
            : texts.library.origins[image.origin]}
        </Tag>
        <Facts image={image} texts={texts} />
        <time dateTime={image.createdAt} title={formatExact(created, locale)}>
          {formatRelative(created, now, locale)}
        </time>
      </div>
    </li>
  );
}

function Facts({ image, texts }: { image: Image; texts: ImageTexts }): ReactElement {
  return (
    <>
      {image.phase !== 'ready' && (
        <span title={image.reason === null ? undefined : texts.hubText(image.reason)}>
          {texts.library[image.phase]}
        </span>
      )}
      {image.sizeBytes !== null && <span>{formatBytes(image.sizeBytes)}</span>}
      {image.createdFrom !== null && <span>{texts.library.from(image.createdFrom.name)}</span>}
      {image.shares.length > 0 && <span>{texts.library.sharedWith(...image.shares.map(({ name }) => name))}</span>}
    </>
  );
}

function menuOf(image: Image, texts: ImageTexts, actions: ImageActions): MenuEntry[] {
  const words = texts.library;
  const own = image.origin === 'own';
  const isPublic = image.visibility === 'public';
  const entry = (
    id: Exclude<keyof ImageActions, 'start'>,
    icon: MenuEntry['icon'],
    offered: boolean,
    danger = false,
  ): MenuEntry | undefined => {
    const act = actions[id];
    return act === undefined || !offered
      ? undefined
      : { id, text: words[id], icon, danger, onAction: () => act(image) };
  };
  return [
    entry('copyName', 'copy', true),
    entry('describe', 'edit', own),
    entry('publish', 'box', own && !isPublic),
    entry('unpublish', 'box', own && isPublic),
    entry('share', 'users', own && !isPublic),
    entry('remove', 'trash', own, true),
  ].filter((one) => one !== undefined);
}

/** The title of an image that comes with the hub; others are called by their tag. */
function titleOf({ origin, title }: Image, { hubText }: ImageTexts): string | undefined {
  return origin === 'built-in' ? hubText(title) : undefined;
}

/** What people wrote about their images is theirs, in whatever language. */
function descriptionOf({ origin, description }: Image, { hubText }: ImageTexts): string {
  return origin === 'built-in' ? hubText(description) : description;
}

function matches(image: Image, texts: ImageTexts, search: string, origin: Origin): boolean {
  if (origin !== 'all' && image.origin !== origin) return false;
  const shown = `${titleOf(image, texts) ?? ''} ${descriptionOf(image, texts)}`;
  const words = `${image.title} ${imageTag(image)} ${image.description} ${shown}`.toLowerCase();
  return words.includes(search.trim().toLowerCase());
}

/** One's own first, newest first. */
function byOrigin(a: Image, b: Image): number {
  return ORIGINS.indexOf(a.origin) - ORIGINS.indexOf(b.origin) || Date.parse(b.createdAt) - Date.parse(a.createdAt);
}

/** What is under way, and what failed a short while ago. */
function isNews(job: ImageJob, now: number): boolean {
  if (job.endedAt === null) return true;
  return job.phase === 'failed' && now - Date.parse(job.endedAt) < FAILED_MS;
}
