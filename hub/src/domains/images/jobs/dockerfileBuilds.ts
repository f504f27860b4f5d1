import { editorSchema, type buildImage, type ImageJob, type RouteInput } from '@davit/contract';
import { z } from 'zod';
import { requireAdmin, type Actor } from '../../../platform/auth.ts';
import { AppError } from '../../../platform/errors.ts';
import { ImageFailed, type EnsureOptions } from '../builds.ts';
import type { ImageMaker } from '../imageMaker.ts';
import type { ImageLocation } from '../imageSource.ts';
import { percentOf, requireOffered, targetOf } from './making.ts';
import { ImageJobFailed, type ImageJobRow, type JobContext, type JobHandler, type MadeImage } from './model.ts';
import type { ImageJobsService } from './service.ts';

export interface DockerfileBuildsOptions {
  maker: ImageMaker;
  jobs: ImageJobsService;
  /** Whether the actor may use an image. */
  mayUse: (actor: Actor, imageId: string) => Promise<boolean>;
  ensureImage: (imageId: string, options: EnsureOptions) => Promise<ImageLocation>;
}

type BuildInput = RouteInput<typeof buildImage>['body'];

const inputSchema = z.object({ baseId: z.string(), dockerfile: z.string(), editors: z.array(editorSchema).nullable() });

/** Images that admins build from a Dockerfile on top of one of the hub's. */
export class DockerfileBuilds implements JobHandler {
  readonly #options: DockerfileBuildsOptions;

  constructor(options: DockerfileBuildsOptions) {
    this.#options = options;
  }

  async start(actor: Actor, { baseId, dockerfile, editors, ...image }: BuildInput): Promise<ImageJob> {
    requireAdmin(actor);
    requireOffered(this.#options.maker);
    if (!(await this.#options.mayUse(actor, baseId))) {
      throw new AppError('bad-request', 'There is no such image to build on. Choose one of the list.', {
        fields: [{ path: 'baseId', message: 'is not an image that you may use' }],
      });
    }
    requireBase(dockerfile);
    const input: z.infer<typeof inputSchema> = { baseId, dockerfile, editors: editors ?? null };
    const place = { ownerId: actor.userId, serverId: null, serverName: null };
    return this.#options.jobs.create({ kind: 'build', ...place, ...image, input });
  }

  async run(job: ImageJobRow, { signal, progress, line }: JobContext): Promise<MadeImage> {
    const { maker } = this.#options;
    const { baseId, dockerfile, editors } = inputSchema.parse(job.input);
    progress({ phase: 'checking' });
    await maker.discard(targetOf(job));
    const base = await this.#base(baseId, { signal, onProgress: (step) => line(step.line) });
    progress({ phase: 'building' });
    const made = await maker.buildDockerfile(
      dockerfile,
      base.ref,
      { ...targetOf(job), ...(editors === null ? {} : { editors }) },
      { signal, onLine: line, onProgress: (step) => progress({ phase: 'building', percent: percentOf(step) }) },
    );
    return { ...made, title: job.name, parentId: baseId };
  }

  discard(job: ImageJobRow): Promise<void> {
    return this.#options.maker.discard(targetOf(job));
  }

  sweep(active: ReadonlySet<string>): Promise<void> {
    return this.#options.maker.sweep(active);
  }

  async #base(baseId: string, options: EnsureOptions): Promise<ImageLocation> {
    try {
      return await this.#options.ensureImage(baseId, options);
    } catch (error) {
      throw error instanceof ImageFailed ? new ImageJobFailed(error.message, { cause: error }) : error;
    }
  }
}

/** A Dockerfile that names another base would ignore the one that was chosen. */
function requireBase(dockerfile: string): void {
  if (/^\s*FROM\s+(?:--\S+\s+)*\$(?:BASE\b|\{BASE\})/im.test(dockerfile)) return;
  const message = 'must have the line FROM ${BASE}, which means the image that is chosen';
  throw new AppError('bad-request', `The Dockerfile ${message}.`, { fields: [{ path: 'dockerfile', message }] });
}
