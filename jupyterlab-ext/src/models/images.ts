import type { Image, ImageJob, SaveImage, SavePreview } from '@davit/contract';
import type { Change, IHub, IImagesModel } from '../tokens.ts';
import { hasEnded } from './jobs.ts';
import { Model } from './model.ts';

/** While a save goes on its progress is asked for so often, beside the events that tell of it. */
const BUSY_MS = 3_000;
/** The library changes seldom and tells so by events; it is asked for again after so many turns of the poll. */
const FULL_EVERY = 20;
const PAGE = 200;
/** A list longer than this is cut: a panel is no place for more. */
const MAX_PAGES = 5;

/** The owner's images and what is on its way to become one. */
export class ImagesModel extends Model implements IImagesModel {
  #images: readonly Image[] | undefined;
  #jobs: readonly ImageJob[] | undefined;

  constructor(hub: IHub) {
    super({ hub, name: 'images', fullEvery: FULL_EVERY });
  }

  get images(): readonly Image[] | undefined {
    return this.#images;
  }

  get jobs(): readonly ImageJob[] | undefined {
    return this.#jobs;
  }

  async preview(): Promise<SavePreview> {
    return this.hub.call((routes) => routes.previewSave, { params: { id: this.#serverId() } });
  }

  async save(input: SaveImage): Promise<ImageJob> {
    const job = await this.hub.call((routes) => routes.saveServer, { params: { id: this.#serverId() }, body: input });
    this.#takeJob(job);
    return job;
  }

  async cancel(jobId: string): Promise<void> {
    this.#takeJob(await this.hub.call((routes) => routes.cancelImageJob, { params: { id: jobId } }));
  }

  async log(jobId: string, after: number): Promise<{ lines: string[]; next: number; ended: boolean }> {
    return this.hub.call((routes) => routes.getImageJobLog, { params: { id: jobId }, query: { after } });
  }

  async describe(imageId: string, description: string): Promise<void> {
    this.#takeImage(
      await this.hub.call((routes) => routes.updateImage, { params: { id: imageId }, body: { description } }),
    );
  }

  async setPublic(imageId: string, visible: boolean): Promise<void> {
    const visibility = visible ? 'public' : 'private';
    this.#takeImage(
      await this.hub.call((routes) => routes.updateImage, { params: { id: imageId }, body: { visibility } }),
    );
  }

  async share(imageId: string, shares: { kind: 'user' | 'group'; name: string }[]): Promise<void> {
    this.#takeImage(await this.hub.call((routes) => routes.shareImage, { params: { id: imageId }, body: { shares } }));
  }

  async remove(imageId: string): Promise<void> {
    await this.hub.call((routes) => routes.deleteImage, { params: { id: imageId } });
    this.#images = this.#images?.filter((image) => image.id !== imageId);
    this.emit();
  }

  protected override async load(full: boolean): Promise<void> {
    const [jobs, images] = await Promise.all([
      this.hub.call((routes) => routes.listImageJobs, { query: { limit: 20 } }),
      full || this.#images === undefined ? this.#library() : undefined,
    ]);
    this.#jobs = jobs.items;
    this.#images = images ?? this.#images;
  }

  protected override concerns(change: Exclude<Change, 'all'>): boolean {
    return change.type === 'image' || change.type === 'image-job';
  }

  protected override busyMs(): number | undefined {
    return this.#jobs?.some((job) => !hasEnded(job)) === true ? BUSY_MS : undefined;
  }

  /** All, or of too many the own ones first: those that are cut off must be others'. */
  async #library(): Promise<Image[]> {
    const { images, isAll } = await this.#pages();
    if (isAll) return images;
    const own = await this.#pages('own');
    const ids = new Set(own.images.map(({ id }) => id));
    return [...own.images, ...images.filter(({ id }) => !ids.has(id))];
  }

  async #pages(origin?: Image['origin']): Promise<{ images: Image[]; isAll: boolean }> {
    const images: Image[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await this.hub.call((routes) => routes.listImages, { query: { origin, limit: PAGE, cursor } });
      images.push(...answer.items);
      if (answer.nextCursor === null) return { images, isAll: true };
      cursor = answer.nextCursor;
    }
    return { images, isAll: false };
  }

  #takeJob(job: ImageJob): void {
    this.#jobs = [job, ...(this.#jobs ?? []).filter((other) => other.id !== job.id)];
    this.emit();
    void this.refresh();
  }

  #takeImage(image: Image): void {
    this.#images = this.#images?.map((other) => (other.id === image.id ? image : other));
    this.emit();
  }

  #serverId(): string {
    const id = this.hub.info?.server.id;
    if (id === undefined) throw new TypeError('There is no hub.');
    return id;
  }
}
