import { open, type FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { ImageJobFailed } from '../../../domains/images/index.ts';
import { readEntry, readTarIndex, rewriteEntry, type TarEntry } from './tarFile.ts';

const MAX_JSON = 4 * 2 ** 20;

const dockerSchema = z.array(z.looseObject({ Config: z.string() }));
const platformSchema = z.looseObject({ architecture: z.string(), os: z.string() });
const descriptorSchema = z.looseObject({ digest: z.string(), platform: platformSchema.optional() });
const indexSchema = z.looseObject({ manifests: z.array(descriptorSchema) });
const manifestSchema = z.looseObject({ config: descriptorSchema });

type Platform = z.infer<typeof platformSchema>;
type Entries = Map<string, TarEntry>;

/**
 * Makes an archive of `docker save`, `podman save` or in OCI's layout ready for the engine: it holds one image, for this
 * architecture, and loses the names it brings, because the engine would move names of its own images to it. Rejects with
 * ImageJobFailed for anything else.
 */
export async function prepareArchive(path: string, architecture: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const entries = await readTarIndex(file);
    if (entries === undefined) throw noImage('The upload is no tar archive');
    const docker = entries.get('manifest.json');
    const index = entries.get('index.json');
    if (docker === undefined && index === undefined) throw noImage('The archive is a tar, but holds no image');
    if (index !== undefined) await prepareIndex(file, entries, index, architecture);
    if (docker !== undefined) await prepareDocker(file, entries, docker, architecture);
  } finally {
    await file.close();
  }
}

async function prepareDocker(file: FileHandle, entries: Entries, entry: TarEntry, architecture: string): Promise<void> {
  const images = parse(dockerSchema, await readEntry(file, entry, MAX_JSON));
  const [image] = images;
  if (image === undefined || images.length > 1) {
    throw new ImageJobFailed(
      `The archive holds ${images.length} images. Save the one that you want into its own archive.`,
    );
  }
  requirePlatform([await platformOf(file, entries, image.Config)], architecture);
  if (image['RepoTags'] === null || image['RepoTags'] === undefined) return;
  await rewriteEntry(file, entry, JSON.stringify([{ ...image, RepoTags: null }]));
}

async function prepareIndex(file: FileHandle, entries: Entries, entry: TarEntry, architecture: string): Promise<void> {
  const index = parse(indexSchema, await readEntry(file, entry, MAX_JSON));
  const all = await Promise.all(
    index.manifests.map(async (manifest) => ({
      manifest,
      platform: manifest.platform ?? (await platformOfManifest(file, entries, manifest.digest)),
    })),
  );
  requirePlatform(
    all.map((one) => one.platform),
    architecture,
  );
  const fitting = all.filter(({ platform }) => fits(platform, architecture));
  const manifests = fitting.slice(0, 1).map(({ manifest }) => ({ ...manifest, annotations: undefined }));
  await rewriteEntry(file, entry, JSON.stringify({ ...index, manifests }));
}

async function platformOfManifest(file: FileHandle, entries: Entries, digest: string): Promise<Platform | undefined> {
  const manifest = manifestSchema.safeParse(json(await textAt(file, entries, blobPath(digest))));
  return manifest.success ? platformOf(file, entries, blobPath(manifest.data.config.digest)) : undefined;
}

async function platformOf(file: FileHandle, entries: Entries, config: string): Promise<Platform | undefined> {
  const parsed = platformSchema.safeParse(json(await textAt(file, entries, config)));
  return parsed.success ? parsed.data : undefined;
}

/** What is not told is left to the engine. */
function fits(platform: Platform | undefined, architecture: string): boolean {
  return platform === undefined || (platform.architecture === architecture && platform.os === 'linux');
}

function requirePlatform(platforms: readonly (Platform | undefined)[], architecture: string): void {
  if (platforms.some((platform) => fits(platform, architecture))) return;
  const found = platforms.map((platform) => `${platform?.os}/${platform?.architecture}`).join(', ');
  throw new ImageJobFailed(
    `The image is made for ${found}, and this machine is linux/${architecture}. Save or build it for linux/${architecture}.`,
  );
}

async function textAt(file: FileHandle, entries: Entries, path: string): Promise<string | undefined> {
  const entry = entries.get(path);
  return entry === undefined ? undefined : readEntry(file, entry, MAX_JSON);
}

function parse<T extends z.ZodType>(schema: T, text: string | undefined): z.output<T> {
  const parsed = schema.safeParse(json(text));
  if (parsed.success) return parsed.data;
  throw noImage('The archive is damaged: its list of images cannot be read');
}

function json(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function noImage(what: string): ImageJobFailed {
  return new ImageJobFailed(`${what}. Make one with "docker save IMAGE" or "podman save IMAGE" and upload that.`);
}
