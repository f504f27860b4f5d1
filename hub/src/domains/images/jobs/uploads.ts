import { editorSchema, type Editor, type ImageJob, type RouteInput, type uploadImage } from '@davit/contract';
import { access, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { requireAdmin, type Actor } from '../../../platform/auth.ts';
import type { Clock } from '../../../platform/clock.ts';
import { AppError } from '../../../platform/errors.ts';
import { randomId } from '../../../platform/random.ts';
import type { ImageMaker } from '../imageMaker.ts';
import { ImageJobFailed, type ImageJobRow, type JobContext, type JobHandler, type MadeImage } from './model.ts';
import { storeArchive, type DiskOf } from './receive.ts';
import { percentOf, requireOffered, targetOf } from './making.ts';
import { requireTagLength, type ImageJobsService } from './service.ts';
import type { ImageJobStore } from './store.ts';

export interface UploadsOptions {
  maker: ImageMaker;
  jobs: ImageJobsService;
  store: ImageJobStore;
  /** Where archives lie until the engine has taken them in; only the hub's user may enter. */
  directory: string;
  /** Bytes of the largest archive. */
  maxBytes: number;
  diskOf: DiskOf;
  clock: Clock;
}

/** A file that another hub is receiving grows; one that did not for so long was left by a hub that died. */
const OTHERS_MS = 3_600_000;

type UploadQuery = RouteInput<typeof uploadImage>['query'];
/** A request with its body not yet read. */
type Upload = Readable & { headers: NodeJS.Dict<string | string[]> };

/** What an upload remembers: its file below the directory. */
const inputSchema = z.object({ file: z.string(), bytes: z.number(), editors: z.array(editorSchema).nullable() });
type UploadInput = z.infer<typeof inputSchema>;

/** Images that admins upload as archives. A job begins when all of an archive is there. */
export class Uploads implements JobHandler {
  readonly #options: UploadsOptions;
  /** Files that are being received, whose job is not in the database yet. */
  readonly #receiving = new Set<string>();
  /** Beginning of the names of this process' files: hubs that share the directory know only their own. */
  readonly #mark = randomId();

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  /** Takes the archive in. What can be refused is refused before the first byte is read. */
  async receive(actor: Actor, query: UploadQuery, upload: Upload): Promise<ImageJob> {
    requireAdmin(actor);
    requireOffered(this.#options.maker);
    const { jobs, store, directory, maxBytes, diskOf } = this.#options;
    const { name, version, description } = query;
    const editors = editorsOf(query.editors);
    requireTagLength(query);
    await store.requireFree({ ownerId: actor.userId, name, version });
    const file = `${this.#mark}-${randomId()}.tar`;
    this.#receiving.add(file);
    const path = join(directory, file);
    try {
      const length = Number(upload.headers['content-length'] ?? NaN);
      const bytes = await storeArchive(upload, path, { length, maxBytes, diskOf });
      const input: UploadInput = { file, bytes, editors };
      const place = { ownerId: actor.userId, serverId: null, serverName: null };
      return await jobs.create({ kind: 'upload', ...place, name, version, description, input });
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      this.#receiving.delete(file);
    }
  }

  async run(job: ImageJobRow, { signal, progress, line }: JobContext): Promise<MadeImage> {
    const { maker, directory } = this.#options;
    const { file, bytes, editors } = inputSchema.parse(job.input);
    await requireHere(join(directory, file));
    progress({ phase: 'importing', bytesDone: bytes, bytesTotal: bytes, percent: 0 });
    line(`The archive of ${job.name}:${job.version} is here: ${bytes} bytes.`);
    await maker.discard(targetOf(job));
    const made = await maker.importArchive(
      join(directory, file),
      { ...targetOf(job), ...(editors === null ? {} : { editors }) },
      {
        signal,
        onLine: line,
        onProgress: (step) =>
          progress({ phase: 'importing', bytesDone: bytes, bytesTotal: bytes, percent: percentOf(step) }),
      },
    );
    return { ...made, title: job.name, parentId: undefined };
  }

  async discard(job: ImageJobRow): Promise<void> {
    await this.#options.maker.discard(targetOf(job));
  }

  /** Removes archives that no job wants any more. The order of the three looks matters: see below. */
  async sweep(active: ReadonlySet<string>): Promise<void> {
    const { store, directory, maker } = this.#options;
    await maker.sweep(active);
    const names = await readdir(directory).catch(() => []);
    // A file leaves this set when its job is committed: asked first, the jobs then tell of all the others.
    const receiving = new Set(this.#receiving);
    const jobs = await store.unfinished();
    const wanted = new Set(jobs.filter((job) => job.kind === 'upload').map((job) => inputSchema.parse(job.input).file));
    for (const name of names) {
      if (receiving.has(name) || wanted.has(name) || (await this.#isReceivedElsewhere(name))) continue;
      await rm(join(directory, name), { force: true });
    }
  }

  async #isReceivedElsewhere(name: string): Promise<boolean> {
    const { directory, clock } = this.#options;
    if (!MARKED.test(name) || name.startsWith(this.#mark)) return false;
    const found = await stat(join(directory, name)).catch(() => undefined);
    return found !== undefined && clock.now().getTime() - found.mtimeMs < OTHERS_MS;
  }
}

const MARKED = /^[a-z0-9]{12}-/;

/** The hub that received it may have another disk than the one that takes it in. */
async function requireHere(path: string): Promise<void> {
  await access(path).catch((error: unknown) => {
    const message = 'The archive is not on this machine any more. Upload it again.';
    throw new ImageJobFailed(message, { cause: error });
  });
}

function editorsOf(list: string | undefined): Editor[] | null {
  if (list === undefined) return null;
  const parsed = z.array(editorSchema).safeParse(
    list
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== ''),
  );
  if (parsed.success) return [...new Set(parsed.data)];
  const message = `must be some of ${editorSchema.options.join(', ')}, parted by commas`;
  throw new AppError('bad-request', `The editors of the image are not valid: they ${message}.`, {
    fields: [{ path: 'editors', message }],
  });
}
