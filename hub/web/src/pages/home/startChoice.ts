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

/** The chosen image if it is still there, else the first of those that come with the hub, else the first. */
export function chosenImage(images: readonly Image[], choice: StartChoice): Image | undefined {
  const builtIn = images.find(({ origin }) => origin === 'built-in');
  return images.find(({ id }) => id === choice.image) ?? builtIn ?? images[0];
}

/** The chosen size if it is still offered, else the first preset that fits now, else the first. */
export function chosenSize({ presets }: Sizes, choice: StartChoice): string {
  const offered = choice.size === CUSTOM || presets.some(({ id }) => id === choice.size);
  if (offered && choice.size !== undefined) return choice.size;
  return (presets.find(({ fit }) => fit === 'now') ?? presets[0])?.id ?? CUSTOM;
}

const ORDER: readonly Image['origin'][] = ['own', 'shared', 'public', 'built-in'];

/** One's own images first, then those of others, those that come with the hub last; within each as they come. */
export function byOrigin(images: readonly Image[]): Image[] {
  return ORDER.flatMap((origin) => images.filter((image) => image.origin === origin));
}

/** The images whose name, title, description or editors contain each word of `search`. */
export function matchingImages(images: readonly Image[], search: string): Image[] {
  const words = search.toLowerCase().split(/\s+/);
  return images.filter((image) => {
    const shown = `${image.ownerName ?? ''}/${image.name}:${image.version}`;
    const text = [shown, image.title, image.description, ...image.editors].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
