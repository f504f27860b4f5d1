import {
  IMAGE_TAG_MAX,
  imageNameSchema,
  imageVersionSchema,
  saveImageSchema,
  type Image,
  type ImageJob,
} from '@davit/contract';
import type { ImageTexts } from './imageTexts.ts';

/** What a person calls an image: `env:3`, another's `ada/env:3`. */
export function imageTag(image: Pick<Image, 'name' | 'version' | 'ownerName' | 'origin'>): string {
  const tag = `${image.name}:${image.version}`;
  return image.ownerName === null || image.origin === 'own' ? tag : `${image.ownerName}/${tag}`;
}

/** What the image that a job makes will be called. */
export function jobTag({ name, version }: Pick<ImageJob, 'name' | 'version'>): string {
  return `${name}:${version}`;
}

/** What a person typed into the save form; `scrub` has one path per line. */
export interface SaveDraft {
  name: string;
  version: string;
  description: string;
  scrub: string;
}

/** What is wrong with each field, in words; nothing where all is well. An empty field is only told of at submit. */
export function checkSave(
  draft: SaveDraft,
  taken: ReadonlySet<string>,
  texts: ImageTexts['save'],
): Partial<Record<keyof SaveDraft, string>> {
  const { name, version } = draft;
  const path = badPath(draft.scrub);
  return {
    ...(name === '' || imageNameSchema.safeParse(name).success ? {} : { name: texts.badName }),
    ...wrongVersion(name, version, taken, texts),
    ...(path === undefined ? {} : { scrub: texts.badPath(path) }),
  };
}

function wrongVersion(
  name: string,
  version: string,
  taken: ReadonlySet<string>,
  texts: ImageTexts['save'],
): { version?: string } {
  if (version === '') return {};
  if (version === 'latest') return { version: texts.latest };
  if (!imageVersionSchema.safeParse(version).success) return { version: texts.badVersion };
  const tag = `${name}:${version}`;
  if (tag.length > IMAGE_TAG_MAX) return { version: texts.tooLong(IMAGE_TAG_MAX) };
  return taken.has(tag) ? { version: texts.taken(tag) } : {};
}

/** The lines of the field that are not empty. */
export function scrubPaths(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function badPath(text: string): string | undefined {
  return scrubPaths(text).find((path) => !saveImageSchema.shape.scrub.safeParse([path]).success);
}
