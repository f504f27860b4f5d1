import type { Editor, ImageJob, ImageJobPhase, SaveImage, SavePreview } from '@davit/contract';
import { z } from 'zod';
import type { Actor } from '../../../platform/auth.ts';
import type { Ticket } from '../../../platform/ticket.ts';
import { ALWAYS_SCRUBBED } from '../scrub.ts';
import type { SaveProgress, ServerSaver } from '../saver.ts';
import { CANCELLED } from './runner.ts';
import { ImageJobFailed, type ImageJobRow, type JobContext, type JobHandler, type MadeImage } from './model.ts';
import type { ImageJobsService } from './service.ts';
import type { ImageJobStore } from './store.ts';

export interface SavesOptions {
  servers: () => ServerSaver;
  jobs: ImageJobsService;
  store: ImageJobStore;
  /** Editors that an image declares. */
  editorsOf: (imageId: string) => Promise<Editor[]>;
  ticket: Pick<Ticket, 'confirm'>;
}

/** What a save remembers of the moment it was asked for. */
const inputSchema = z.object({ engineId: z.string(), parentId: z.string(), scrub: z.array(z.string()) });
type SaveInput = z.infer<typeof inputSchema>;

const PHASES: Record<SaveProgress['step'], ImageJobPhase> = {
  checking: 'checking',
  saving: 'saving',
  squashing: 'squashing',
  storing: 'saving',
};

/** Saving running servers as images. */
export class Saves implements JobHandler {
  readonly #options: SavesOptions;

  constructor(options: SavesOptions) {
    this.#options = options;
  }

  async preview(actor: Actor, serverId: string): Promise<SavePreview> {
    const { store } = this.#options;
    const servers = this.#options.servers();
    const server = await servers.savable(actor, serverId);
    const measure = await servers.measure(server, ALWAYS_SCRUBBED);
    const name = imageNameOf(server.name);
    const version = nextVersion(await store.versionsOf(actor.userId, name));
    return { ...measure, scrubbed: [...ALWAYS_SCRUBBED], suggestion: { name, version } };
  }

  async save(actor: Actor, serverId: string, { name, version, description, scrub }: SaveImage): Promise<ImageJob> {
    const server = await this.#options.servers().savable(actor, serverId);
    const input: SaveInput = { engineId: server.engineId, parentId: server.imageId, scrub };
    const place = { ownerId: server.ownerId, serverId: server.id, serverName: server.name };
    return this.#options.jobs.create({ kind: 'save', ...place, name, version, description, input });
  }

  async run(job: ImageJobRow, { signal, progress, line }: JobContext): Promise<MadeImage> {
    const input = inputSchema.parse(job.input);
    if (job.serverId === null) throw new ImageJobFailed('The server is gone.');
    line(`Saving the server ${job.serverName ?? ''} as ${job.name}:${job.version}.`);
    const editors = await this.#options.editorsOf(input.parentId);
    const location = await this.#options
      .servers()
      .save({ id: job.serverId, engineId: input.engineId }, targetOf(job, input), {
        signal,
        confirm: () => this.#options.ticket.confirm(),
        onLine: line,
        onProgress: ({ step, ...bytes }) => progress({ phase: PHASES[step], ...bytes }),
      });
    if (signal.aborted) throw new ImageJobFailed(CANCELLED);
    return { location, editors, title: job.name, parentId: input.parentId };
  }

  discard(job: ImageJobRow): Promise<void> {
    return this.#options.servers().discard({ job: job.id, ref: refOf(job) });
  }

  sweep(active: ReadonlySet<string>): Promise<void> {
    return this.#options.servers().sweep(active);
  }
}

function targetOf(job: ImageJobRow, input: SaveInput) {
  return {
    job: job.id,
    ref: refOf(job),
    labels: {
      'org.opencontainers.image.title': job.name,
      'org.opencontainers.image.version': job.version,
      'org.opencontainers.image.description': job.description,
    },
    scrub: [...ALWAYS_SCRUBBED, ...input.scrub],
  };
}

/**
 * By ids, so that no image of another person is ever meant, and names that are free again give another reference. In a
 * registry a person's own area is by the owner's id.
 */
function refOf({ ownerId, imageId, version }: Pick<ImageJobRow, 'ownerId' | 'imageId' | 'version'>): string {
  return `localhost/davit/saved/${ownerId}/${imageId}:${version}`;
}

const NAME_MAX = 40;

/** A server's name as an image may be called: `My work (2)` becomes `my-work-2`. */
export function imageNameOf(serverName: string): string {
  const plain = serverName.normalize('NFKD').toLowerCase();
  const name = plain.replaceAll(/[^a-z0-9._-]+/g, '-').replaceAll(/[._-]*-[._-]*|[._-]{2,}/g, '-');
  return name.slice(0, NAME_MAX).replaceAll(/^[._-]+|[._-]+$/g, '') || 'image';
}

/** The number after the highest that was given. */
export function nextVersion(taken: readonly string[]): string {
  const numbers = taken.filter((version) => /^[1-9]\d{0,8}$/.test(version)).map(Number);
  return String(Math.max(0, ...numbers) + 1);
}
