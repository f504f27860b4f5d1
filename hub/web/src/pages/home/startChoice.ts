import { resourcesSchema, type Image, type Resources, type Sizes } from '@davit/contract';
import { recall, remember } from '../../lib/storage.ts';

/** The id of the card behind the presets. */
export const CUSTOM = 'custom';

/** What is chosen in the start dialog: an image by id, a preset by id or `custom` with own resources. */
export interface StartChoice {
  image: string | undefined;
  size: string | undefined;
  own: Resources;
}

/** One's own images first, then those of others, those that come with the hub last. */
const ORDER: readonly Image['origin'][] = ['own', 'shared', 'public', 'built-in'];

const FIRST_OWN: Resources = { cpu: 1, memoryMb: 2048, gpu: 0 };

/** The choice of the last start, so far as it still reads as one. */
export function lastChoice(stored = recall('start')): StartChoice {
  const value = parse(stored);
  const own = resourcesSchema.safeParse(value['own']);
  return {
    image: typeof value['image'] === 'string' ? value['image'] : undefined,
    size: typeof value['size'] === 'string' ? value['size'] : undefined,
    own: own.success ? own.data : FIRST_OWN,
  };
}

/** Keeps a choice for the next time. */
export function keepChoice(choice: StartChoice): void {
  remember('start', JSON.stringify(choice));
}

function parse(stored: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(stored ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** The image that is chosen at first: the one asked for if it is still there, else the first that comes with the hub. */
export function firstImage(images: readonly Image[], asked: Image | undefined): Image | undefined {
  return asked ?? images.find(({ origin }) => origin === 'built-in') ?? images[0];
}

/** The images with `first` among them, before the others of its kind where it is not there yet. */
export function withFirst(images: readonly Image[], first: Image | undefined): readonly Image[] {
  if (first === undefined || images.some(({ id }) => id === first.id)) return images;
  const place = images.findIndex(({ origin }) => ORDER.indexOf(origin) >= ORDER.indexOf(first.origin));
  return images.toSpliced(place < 0 ? images.length : place, 0, first);
}

/** The chosen size if it is still offered, else the first preset that fits now, else the first. */
export function chosenSize({ presets }: Sizes, choice: StartChoice): string {
  const offered = choice.size === CUSTOM || presets.some(({ id }) => id === choice.size);
  if (offered && choice.size !== undefined) return choice.size;
  return (presets.find(({ fit }) => fit === 'now') ?? presets[0])?.id ?? CUSTOM;
}
