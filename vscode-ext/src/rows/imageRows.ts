import { formatBytes } from '@davit/ui/format';
import type { Image, ImageJob } from '@davit/contract';
import type { Language } from '../i18n/language.ts';
import { exactTime } from './format.ts';
import type { Row } from './row.ts';

const ORIGINS = ['own', 'shared', 'public', 'built-in'] as const;
/** A failed save stays in view so long: its reason is worth a look, not a place for ever. */
const FAILED_SHOWN_MS = 12 * 3_600_000;

/** True while the job is still on its way. */
export function isActive({ phase }: ImageJob): boolean {
  return phase !== 'done' && phase !== 'failed' && phase !== 'cancelled';
}

/** `env:1` */
export function tagOf({ name, version }: { name: string; version: string }): string {
  return `${name}:${version}`;
}

/** The rows of *Images*: what is on its way, then the library by origin. */
export function imageRows(images: readonly Image[], jobs: readonly ImageJob[], now: number, language: Language): Row[] {
  const shown = jobs.filter((job) => isActive(job) || isRecentFailure(job, now));
  const groups = ORIGINS.flatMap((origin) => {
    const members = images.filter((image) => image.origin === origin);
    if (members.length === 0 && origin !== 'own') return [];
    return [groupRow(origin, members, language)];
  });
  return [...shown.map((job) => jobRow(job, language)), ...groups];
}

/** `saving 62 % · 1.2 GiB of 2 GiB` */
export function jobText(job: ImageJob, { texts }: Language): string {
  const phase = texts.save.jobPhases[job.phase];
  if (!isActive(job)) return phase;
  const parts = [job.percent === null ? phase : `${phase} ${texts.save.percent(Math.floor(job.percent))}`];
  if (job.bytesDone !== null) {
    const done = formatBytes(job.bytesDone);
    parts.push(job.bytesTotal === null ? done : texts.server.of(done, formatBytes(job.bytesTotal)));
  }
  return parts.join(' · ');
}

function isRecentFailure({ phase, endedAt }: ImageJob, now: number): boolean {
  return phase === 'failed' && endedAt !== null && now - Date.parse(endedAt) < FAILED_SHOWN_MS;
}

function jobRow(job: ImageJob, language: Language): Row {
  const { texts } = language;
  const active = isActive(job);
  const reason = job.reason === null ? undefined : texts.hubText(job.reason);
  return {
    id: `job:${job.id}`,
    label: tagOf(job),
    description: reason ?? jobText(job, language),
    tooltip: [
      texts.pair(texts.save.jobKinds[job.kind], tagOf(job)),
      jobText(job, language),
      ...(reason === undefined ? [] : [reason]),
      texts.save.started(exactTime(job.createdAt, language)),
    ],
    icon: active ? { name: 'loading~spin' } : { name: 'error', color: 'list.errorForeground' },
    contextValue: active ? 'davit.job.active' : 'davit.job.ended',
    command: 'davit.showLog',
    target: { kind: 'job', id: job.id },
  };
}

function groupRow(origin: (typeof ORIGINS)[number], members: readonly Image[], language: Language): Row {
  const { texts } = language;
  const empty: Row = {
    id: 'own:none',
    label: texts.images.nothingOwn,
    description: texts.images.nothingOwnHint,
    icon: { name: 'add' },
    command: 'davit.saveImage',
  };
  return {
    id: `group:${origin}`,
    label: texts.images.groups[origin],
    description: members.length === 0 ? undefined : String(members.length),
    children: members.length === 0 ? [empty] : members.map((image) => imageRow(image, language)),
    collapsed: origin === 'public' || origin === 'built-in',
  };
}

function imageRow(image: Image, language: Language): Row {
  const { texts } = language;
  const remarks = [
    ...(image.origin === 'shared' || image.origin === 'public' ? [image.ownerName] : []),
    image.phase === 'ready'
      ? image.sizeBytes === null
        ? null
        : formatBytes(image.sizeBytes)
      : texts.images.phases[image.phase],
    image.origin === 'own' && image.visibility === 'public' ? texts.images.public : null,
    image.origin === 'own' && image.shares.length > 0 ? texts.images.shared : null,
  ].filter((remark) => remark !== null);
  const visibility = image.visibility === 'public' ? 'public' : 'private';
  return {
    id: `image:${image.id}`,
    label: tagOf(image),
    description: remarks.join(' · '),
    tooltip: imageTip(image, language),
    icon: { name: image.phase === 'failed' ? 'error' : 'package' },
    contextValue: image.origin === 'own' ? `davit.image.own.${visibility}` : 'davit.image.other',
    target: { kind: 'image', id: image.id },
  };
}

function imageTip(image: Image, language: Language): string[] {
  const { texts } = language;
  const { images, server } = texts;
  // What a person wrote about an image is in that person's language.
  const own = image.origin === 'built-in' ? texts.hubText : (text: string) => text;
  const editors = image.editors.map((editor) => server.editors[editor]);
  return [
    image.title === '' || image.title === image.name ? tagOf(image) : `${tagOf(image)} (${own(image.title)})`,
    ...(image.description === '' ? [] : [own(image.description)]),
    ...(image.ownerName === null ? [] : [images.owner(image.ownerName)]),
    ...(image.sizeBytes === null ? [] : [images.size(formatBytes(image.sizeBytes))]),
    ...(image.createdFrom === null ? [] : [images.createdFrom(image.createdFrom.name)]),
    images.created(exactTime(image.createdAt, language)),
    images.editors(editors.length === 0 ? images.noEditor : texts.list(editors)),
    ...(image.shares.length === 0 ? [] : [images.sharedWith(texts.list(image.shares.map(({ name }) => name)))]),
    ...(image.reason === null ? [] : [texts.hubText(image.reason)]),
  ];
}
