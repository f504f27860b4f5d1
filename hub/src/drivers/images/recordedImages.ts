import { readFile } from 'node:fs/promises';
import { editorSchema } from '@davit/contract';
import { z } from 'zod';
import type { KnownImages } from './registryImages.ts';

const schema = z.array(
  z.strictObject({
    name: z.string(),
    version: z.string(),
    title: z.string(),
    description: z.string(),
    editors: z.array(editorSchema),
    ref: z.string(),
  }),
);

/** What is known of the images that come with Davit, as text for a hub that has none of their sources. */
export function recordImages(known: KnownImages): string {
  return JSON.stringify(known.catalogue().map((image) => ({ ...image, ref: known.ref(image.name) })));
}

/** What recordImages() wrote; undefined where there is no such file. */
export async function recordedImages(file: string): Promise<KnownImages | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const images = schema.parse(JSON.parse(text));
  return {
    catalogue: () => images.map(({ ref: _, ...image }) => image),
    ref: (name) => {
      const found = images.find((image) => image.name === name);
      if (found === undefined) throw new Error(`There is no image ${name}.`);
      return found.ref;
    },
  };
}
