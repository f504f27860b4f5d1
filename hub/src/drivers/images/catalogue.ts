import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { editorSchema } from '@davit/contract';
import { z } from 'zod';
import type { BuiltInImage } from '../../domains/images/index.ts';
import { MANIFEST, readFolder, type ContextFile } from './contextFiles.ts';
import { serviceContext } from './serviceContext.ts';

const nameSchema = z
  .string()
  .regex(/^[a-z0-9]+([._-][a-z0-9]+)*$/, 'must be lower-case letters and digits, joined by . _ -');

/**
 * `image.json` in an image's folder. `args` become build arguments; `parents` are names of other folders. A `service` is
 * a part of Davit itself that runs on a cluster: it is built like the others, gets no agent and is offered to nobody; only
 * it has `bundle` and `include`, see ServiceSources. What is optional has no default: it would change every reference.
 */
const manifestSchema = z.strictObject({
  name: nameSchema,
  version: z.string().regex(/^[a-z0-9][a-z0-9._-]*$/),
  title: z.string().min(1),
  description: z.string(),
  editors: z.array(editorSchema),
  parents: z.array(nameSchema),
  args: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).default({}),
  kind: z.literal('service').optional(),
  bundle: z.record(z.string(), z.string()).optional(),
  include: z.array(z.string()).optional(),
});
/** What `image.json` beside a Dockerfile says. */
export type ImageManifest = z.infer<typeof manifestSchema>;

/** Parts of Davit itself to read as well, by name. */
export type Services = readonly string[] | 'all';

/** One image of the catalogue: what its manifest says and the files its Dockerfile may copy. */
export interface CatalogueImage {
  manifest: ImageManifest;
  dockerfile: string;
  files: ContextFile[];
}

/** All images of a folder, parents before children, and the files of the last step that all of them share. */
export interface Catalogue {
  images: CatalogueImage[];
  finish: ContextFile[];
}

const FINISH = 'finish';

/**
 * Reads every folder of `directory` that has an `image.json`, and the folder `finish`; services only those that are
 * asked for, because their sources are not everywhere where a hub runs. Throws one error that names all faulty manifests; unknown
 * parents and circles are faults too.
 */
export async function loadCatalogue(directory: string, services: Services = []): Promise<Catalogue> {
  const faults: string[] = [];
  const images: CatalogueImage[] = [];
  const entries = await readdir(directory, { withFileTypes: true });
  for (const entry of entries.filter((one) => one.isDirectory() && one.name !== 'node_modules')) {
    const image = await loadImage(join(directory, entry.name), entry.name, faults);
    if (image === undefined) continue;
    if (!isService(image)) images.push(image);
    else if (services === 'all' || services.includes(image.manifest.name))
      images.push(await withSources(image, dirname(directory)));
  }
  if (faults.length > 0) throw new Error(`The images in ${directory} are not usable: ${faults.join('; ')}.`);
  return { images: parentsFirst(images), finish: await readFolder(join(directory, FINISH)) };
}

async function loadImage(directory: string, folder: string, faults: string[]): Promise<CatalogueImage | undefined> {
  const text = await readFile(join(directory, MANIFEST), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const manifest = parseManifest(text);
  if (typeof manifest === 'string') {
    faults.push(`${folder}/${MANIFEST}: ${manifest}`);
    return undefined;
  }
  if (manifest.name !== folder) faults.push(`${folder}/${MANIFEST}: name must be ${folder}, the folder's name`);
  const files = await readFolder(directory);
  const dockerfile = files.find((file) => file.path === 'Dockerfile');
  if (dockerfile === undefined) {
    faults.push(`${folder}: there is no Dockerfile`);
    return undefined;
  }
  return { manifest, dockerfile: Buffer.from(dockerfile.content).toString('utf8'), files };
}

/** A part of Davit itself, and nothing that people start. */
export function isService({ manifest }: CatalogueImage): boolean {
  return manifest.kind === 'service';
}

async function withSources(image: CatalogueImage, root: string): Promise<CatalogueImage> {
  const { bundle = {}, include = [] } = image.manifest;
  return { ...image, files: [...image.files, ...(await serviceContext(root, { bundle, include }))] };
}

function parseManifest(text: string): ImageManifest | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return String(error);
  }
  const result = manifestSchema.safeParse(json);
  if (result.success) return result.data;
  return result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join(', ');
}

/** Orders images so that each comes after its parents; throws where a parent is missing or depends on its own child. */
export function parentsFirst(images: CatalogueImage[]): CatalogueImage[] {
  const byName = new Map(images.map((image) => [image.manifest.name, image]));
  const ordered = new Set<CatalogueImage>();
  const visit = (image: CatalogueImage, path: string[]): void => {
    const { name, parents } = image.manifest;
    if (path.includes(name))
      throw new Error(`The images ${[...path, name].join(' -> ')} depend on each other in a circle.`);
    if (ordered.has(image)) return;
    for (const parent of parents) {
      const found = byName.get(parent);
      if (found === undefined) throw new Error(`The image ${name} names the parent ${parent}, which does not exist.`);
      visit(found, [...path, name]);
    }
    ordered.add(image);
  };
  for (const image of [...images].sort((left, right) => (left.manifest.name < right.manifest.name ? -1 : 1))) {
    visit(image, []);
  }
  return [...ordered];
}

/** What the rest of the hub sees of an image. */
export function builtInImage({ manifest }: CatalogueImage): BuiltInImage {
  const { name, version, title, description, editors } = manifest;
  return { name, version, title, description, editors };
}
