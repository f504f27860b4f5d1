import {
  changesOf,
  clearViews,
  inWords,
  JOB_LABEL,
  Measurements,
  SaveRefused,
  totalBytes,
  usableOf,
  withView,
  type BaseImage,
  type Changes,
} from '@davit/oci';
import type { ContainerInspectInfo } from 'dockerode';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ImageLocation, SaveMeasure, SaveOptions, SaveTarget } from '../../../../domains/images/index.ts';
import { SpawnRefused, type ServerRef } from '../../../../domains/servers/spawner.ts';
import type { Engine } from '../connect.ts';
import type { ContainerApi } from '../containerApi.ts';
import { checkId } from '../ids.ts';
import type { DockerSettings } from '../settings.ts';
import { SavedImages } from './images.ts';
import { writeLayer } from './layerFile.ts';
import { findLayers } from './layers.ts';
import { baseImage, layoutOf } from './layout.ts';
import { loadImage, untilUnused, type LoadPlace } from './load.ts';
import { memoryPlaces, notSaved } from './measure.ts';

/** The layer lies in the hub's directory, in a temporary file of the engine, and in the engine's store. */
const COPIES = 3;
const SWEEP_MS = 10 * 60_000;

/**
 * Saves containers as images by what overlayfs keeps of their changes on this machine's disk: read as it is, written as
 * one layer without what is to be left out, and given to the engine, which has the layers below.
 */
export class ImageSaver {
  readonly #engine: Engine;
  readonly #settings: DockerSettings;
  readonly #containers: ContainerApi;
  readonly #images: SavedImages;
  readonly #measurements = new Measurements<SaveMeasure>();
  #sweptAt = -Infinity;

  constructor(engine: Engine, settings: DockerSettings, containers: ContainerApi) {
    this.#engine = engine;
    this.#settings = settings;
    this.#containers = containers;
    this.#images = new SavedImages(engine.client);
  }

  async save(ref: ServerRef, target: SaveTarget, options: SaveOptions): Promise<ImageLocation> {
    const { signal, onProgress, onLine } = options;
    onProgress({ step: 'checking' });
    await this.discard(target, signal);
    const place = this.#placeOf(target.job);
    try {
      const info = await this.#running(ref, signal);
      const base = await this.#base(info, signal);
      const found = await findLayers(info, await this.#images.inspect(info.Image, signal), base.savedLayers);
      const layout = await withView(this.#viewsDir, found, async (view) => {
        const changes = await changesOf(view, leftOut(info, target.scrub), signal);
        const bytes = totalBytes(changes.tree);
        onLine(`${inWords(bytes)} to write${changes.joined > 0 ? `, ${changes.joined} saved layers joined in` : ''}.`);
        await this.#requireSpace(bytes, signal);
        return this.#write(place, { base, sources: view.sources, changes, bytes, target, options });
      });
      // A container that went meanwhile took its files along, and what was read is not all.
      await this.#running(ref, signal);
      onLine('Giving the layer to the container engine.');
      onProgress({ step: 'storing' });
      await loadImage(this.#engine, place, layout.paths);
      signal.throwIfAborted();
      return await this.#complete(layout.digest, target.ref, signal);
    } catch (error) {
      await this.#cleanUp(target, options.confirm);
      throw error instanceof SaveRefused ? new SpawnRefused(error.message, { cause: error }) : error;
    } finally {
      await rm(dirname(place.layout), { recursive: true, force: true });
    }
  }

  /** Nothing is taken away by a hub that was replaced meanwhile: the next one begins with that. */
  async #cleanUp(target: SaveTarget, confirm: SaveOptions['confirm']): Promise<void> {
    const isOurs = await confirm().then(
      () => true,
      () => false,
    );
    // The caller's signal may be what ended the work; cleaning up must happen nevertheless.
    if (isOurs) await this.discard(target, new AbortController().signal);
  }

  /** Beside the saves, whose directories are removed with all that is in them. */
  get #viewsDir(): string {
    return `${this.#settings.savesDir}-views`;
  }

  async discard({ job, ref }: Pick<SaveTarget, 'job' | 'ref'>, signal: AbortSignal): Promise<void> {
    await this.#clear(job, signal);
    await this.#images.remove([ref], signal);
  }

  async sweep(active: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const { clock, savesDir, instanceId } = this.#settings;
    await clearViews(this.#viewsDir);
    const left = (await readdir(savesDir).catch(() => [])).filter((job) => !active.has(job));
    for (const job of left) await this.#clear(job, signal);
    // An engine that was told to load an image may have done so after the hub had died and its directory had gone.
    if (clock.now().getTime() - this.#sweptAt < SWEEP_MS) return;
    const prefix = refPrefix(instanceId);
    const refs = await this.#images.refsLike(prefix, signal);
    const ended = refs.filter((ref) => !active.has(ref.slice(prefix.length).split(':')[0] ?? ''));
    await this.#images.remove(ended, signal);
    this.#sweptAt = clock.now().getTime();
  }

  async measure(ref: ServerRef, scrub: readonly string[], signal: AbortSignal): Promise<SaveMeasure> {
    const info = await this.#running(ref, signal);
    return this.#measurements.of(info.Id, signal, () => this.#measure(info, scrub, signal));
  }

  async #measure(info: ContainerInspectInfo, scrub: readonly string[], signal: AbortSignal): Promise<SaveMeasure> {
    const [missing, changedBytes, disk] = await Promise.all([
      notSaved(info, signal),
      this.#changedBytes(info, scrub, signal).catch(() => null),
      this.#disk(signal).catch(() => undefined),
    ]);
    return { notSaved: missing, changedBytes, freeBytes: disk === undefined ? null : usableOf(disk) };
  }

  async #changedBytes(info: ContainerInspectInfo, scrub: readonly string[], signal: AbortSignal): Promise<number> {
    const found = await findLayers(info, await this.#images.inspect(info.Image, signal), 0);
    return withView(this.#viewsDir, found, async (view) =>
      totalBytes((await changesOf(view, leftOut(info, scrub), signal)).tree),
    );
  }

  /** Writes the image as a directory that the engine can load. */
  async #write(place: LoadPlace, { base, sources, changes, bytes, target, options }: Writing) {
    const { signal, onProgress } = options;
    const step = changes.joined > 0 ? 'squashing' : 'saving';
    await mkdir(place.temporary, { recursive: true, mode: 0o700 });
    await mkdir(join(place.layout, 'blobs', 'sha256'), { recursive: true, mode: 0o700 });
    const draft = join(place.layout, 'blobs', 'layer');
    const layer = await writeLayer(changes.tree, sources, draft, {
      signal,
      onBytes: (done) => onProgress({ step, bytesDone: done, bytesTotal: Math.max(bytes, done) }),
    });
    const layout = layoutOf({
      base,
      layer,
      joined: changes.joined,
      labels: { ...target.labels, [JOB_LABEL]: target.job },
      ref: `${refPrefix(this.#settings.instanceId)}${target.job}:latest`,
      created: this.#settings.clock.now(),
      engine: this.#engine.kind,
    });
    await rename(draft, join(place.layout, layout.layerPath));
    for (const { path, text } of layout.files) await writeFile(join(place.layout, path), text);
    return { digest: layout.digest, paths: [layout.layerPath, ...layout.files.map((file) => file.path)] };
  }

  async #complete(digest: string, ref: string, signal: AbortSignal): Promise<ImageLocation> {
    await this.#images.complete(digest, ref, signal);
    const { Id: id, Size: sizeBytes } = await this.#images.inspect(digest, signal);
    return { ref, digest: id.startsWith('sha256:') ? id : `sha256:${id}`, sizeBytes };
  }

  /** Removes what a save has left on its way; a complete image stays. */
  async #clear(job: string, signal: AbortSignal): Promise<void> {
    const { layout } = this.#placeOf(job);
    const directory = dirname(layout);
    if (existsSync(directory)) await untilUnused(layout, signal);
    await this.#images.remove([`${refPrefix(this.#settings.instanceId)}${job}:latest`], signal);
    await rm(directory, { recursive: true, force: true });
  }

  #placeOf(job: string): LoadPlace {
    checkId(job);
    const directory = join(this.#settings.savesDir, job);
    return {
      // Podman calls an image by the name of its directory.
      layout: join(directory, `davit-saving-${this.#settings.instanceId}-${job}`),
      temporary: join(directory, 'temporary'),
      log: join(directory, 'log'),
    };
  }

  async #running(ref: ServerRef, signal: AbortSignal): Promise<ContainerInspectInfo> {
    const info = await this.#containers.inspect(ref.engineId, signal);
    if (info?.State.Running === true) return info;
    throw new SpawnRefused('The server was stopped or started anew before it was saved. Save it again while it runs.');
  }

  async #base(info: ContainerInspectInfo, signal: AbortSignal): Promise<BaseImage> {
    const [image, history] = await Promise.all([
      this.#images.inspect(info.Image, signal),
      this.#images.history(info.Image),
    ]);
    return baseImage(image, history);
  }

  async #requireSpace(bytes: number, signal: AbortSignal): Promise<void> {
    const disk = await this.#disk(signal);
    if (disk === undefined) return;
    const room = usableOf(disk);
    if (bytes * COPIES <= room) return;
    throw new SpawnRefused(
      `There is not enough room to save this server: it needs ${inWords(bytes * COPIES)} for a while, and ${inWords(room)} can be used. Delete files or images, or ask an admin to.`,
    );
  }

  /** The fuller of the disks that a save needs. */
  async #disk(signal: AbortSignal): Promise<{ free: number; total: number } | undefined> {
    const { rootDir } = await this.#containers.machine(signal);
    const { savesDir, diskOf = freeSpace } = this.#settings;
    await mkdir(savesDir, { recursive: true, mode: 0o700 });
    const disks = await Promise.all([rootDir, savesDir].map((path) => diskOf(path).catch(() => undefined)));
    return disks.filter((disk) => disk !== undefined).sort((a, b) => a.free - b.free)[0];
  }
}

interface Writing {
  base: BaseImage;
  sources: readonly string[];
  changes: Changes;
  bytes: number;
  target: SaveTarget;
  options: SaveOptions;
}

function leftOut(container: ContainerInspectInfo, scrub: readonly string[]) {
  const mounts = [...container.Mounts.map((mount) => mount.Destination), ...memoryPlaces(container)];
  return { mounts, scrub };
}

function refPrefix(instanceId: string): string {
  return `localhost/davit-saving-${instanceId}-`;
}

async function freeSpace(path: string): Promise<{ free: number; total: number }> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { free: bavail * bsize, total: blocks * bsize };
}
