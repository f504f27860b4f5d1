import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import { ImageFailed, type BuildProgress } from '../images/index.ts';
import { Limit } from './limit.ts';
import type { ServerRow } from './model.ts';
import { failedPatch } from './plan.ts';
import type { Images, People } from './ports.ts';
import * as words from './reasons.ts';
import { Overtaken, RowWriter, type Publisher } from './rows.ts';
import { SpawnRefused, SpawnWaits, type ServerSpec, type Spawner } from './spawner.ts';
import type { ServerTokens } from './serverTokens.ts';
import type { ServerStore } from './store.ts';

export interface StarterOptions {
  spawner: Spawner;
  store: ServerStore;
  publisher: Publisher;
  images: Images;
  people: People;
  clock: Clock;
  log: Logger;
  secretOf: (serverId: string, generation: number) => string;
  tokens: Pick<ServerTokens, 'place'>;
  /** Data sources that every container gets. */
  sources: readonly string[];
  /** Variables that every container gets unless its image sets others. */
  variables: Readonly<Record<string, string>>;
  /** Containers made at once; image builds do not count. */
  width: number;
}

/** After so many failures in a row that the engine did not explain as final, a start is given up. */
const MAX_ATTEMPTS = 5;
const FIRST_RETRY_MS = 1000;
/** How often an engine without room is asked again. */
const WAIT_MS = 10_000;

interface Attempts {
  generation: number;
  count: number;
  retryAt: Date;
  message: string;
}

/** Makes the container of an admitted server: first its image, then the container, each step told in the row. */
export class Starter {
  readonly #options: StarterOptions;
  readonly #limit: Limit;
  readonly #attempts = new Map<string, Attempts>();

  constructor(options: StarterOptions) {
    this.#options = options;
    this.#limit = new Limit(options.width);
  }

  /** Not to be started before then, because the engine failed lately. */
  retryAt(row: ServerRow): Date | undefined {
    return this.#attemptsOf(row)?.retryAt;
  }

  /** Forgets the failures of servers that are not in `rows`. */
  retain(rows: ReadonlyMap<string, unknown>): void {
    for (const serverId of this.#attempts.keys()) if (!rows.has(serverId)) this.#attempts.delete(serverId);
  }

  /** Forgets all failures: another hub may try meanwhile. */
  forget(): void {
    this.#attempts.clear();
  }

  /** Does all steps that are left. The container's own start is seen by the next look at the engine. */
  async start(row: ServerRow, signal: AbortSignal): Promise<void> {
    const { store, publisher } = this.#options;
    const writer = new RowWriter(store, publisher, row);
    try {
      await this.#image(writer, signal);
      await this.#limit.run(signal, () => this.#container(writer, signal));
      this.#attempts.delete(row.id);
    } catch (error) {
      if (error instanceof Overtaken || signal.aborted) return;
      if (!(error instanceof Outside)) throw error;
      await this.#failed(writer, error.cause);
    }
  }

  async #image(writer: RowWriter, signal: AbortSignal): Promise<void> {
    if (writer.row.imageDigest !== null) return;
    const onProgress = (progress: BuildProgress): void =>
      writer.offer({ phase: 'starting', ...words.buildingImage(progress) });
    const image = await outside(this.#options.images.ensureImage(writer.row.imageId, { signal, onProgress }));
    const earlier = this.#attemptsOf(writer.row)?.message;
    const pinned = { imageRef: image.ref, imageDigest: image.digest };
    await writer.write({ ...pinned, phase: 'starting', reason: words.creatingContainer(earlier), progress: null });
  }

  async #container(writer: RowWriter, signal: AbortSignal): Promise<void> {
    const { people, spawner, tokens, images, variables } = this.#options;
    const { id, generation, imageId } = writer.row;
    const owner = await people.find(writer.row.ownerId);
    const { sudo, environment, command } = await images.launchOf(imageId);
    const launch = { sudo, environment: { ...variables, ...environment }, command: command ?? undefined };
    const spec = this.#spec(writer.row, { name: owner?.name ?? '', isAdmin: owner?.role === 'admin' });
    const ref = await tokens.place(id, generation, (token) =>
      outside(spawner.ensure({ ...spec, launch, token }, signal)),
    );
    const reason = words.startingEditor(writer.row.editors);
    await writer.write({ engineId: ref.engineId, phase: 'starting', reason, progress: null });
  }

  #spec(row: ServerRow, owner: { name: string; isAdmin: boolean }): ServerSpec {
    const { secretOf, sources } = this.#options;
    return {
      serverId: row.id,
      ownerId: row.ownerId,
      generation: row.generation,
      serverName: row.name,
      userName: owner.name,
      image: { ref: row.imageRef ?? '', digest: row.imageDigest ?? '' },
      resources: { cpu: row.cpu, memoryMb: row.memoryMb, gpu: row.gpu },
      gpuIds: row.gpuIds,
      editors: row.editors,
      basePath: row.basePath,
      sources,
      sharedWritable: owner.isAdmin,
      ...(row.placement === null ? {} : { placement: row.placement }),
      secret: secretOf(row.id, row.generation),
    };
  }

  /** A final refusal fails the server; anything else is tried again, later each time, until it is clear that it stays. */
  async #failed(writer: RowWriter, error: unknown): Promise<void> {
    const { clock, log } = this.#options;
    const { row } = writer;
    const message = messageOf(error);
    log.warn({ server: row.id, generation: row.generation, error: message }, 'start failed');
    if (error instanceof SpawnWaits) return this.#wait(writer, error);
    const count = (this.#attemptsOf(row)?.count ?? 0) + 1;
    const final = error instanceof ImageFailed || error instanceof SpawnRefused || count >= MAX_ATTEMPTS;
    if (final) {
      this.#attempts.delete(row.id);
      const reason = error instanceof ImageFailed ? words.imageFailed(message) : words.engineRefused(message);
      await writer.write(failedPatch(reason, clock.now())).catch(ignoreOvertaken);
      return;
    }
    const retryAt = new Date(clock.now().getTime() + FIRST_RETRY_MS * 2 ** (count - 1));
    this.#attempts.set(row.id, { generation: row.generation, count, retryAt, message });
    const reason = words.creatingContainer(message);
    await writer.write({ phase: 'starting', reason, progress: null }).catch(ignoreOvertaken);
  }

  /** No room is no failure: it is tried again until there is some, or nobody wants it any more. */
  async #wait(writer: RowWriter, { reason }: SpawnWaits): Promise<void> {
    const { id, generation } = writer.row;
    const retryAt = new Date(this.#options.clock.now().getTime() + WAIT_MS);
    this.#attempts.set(id, { generation, count: 0, retryAt, message: reason.message });
    await writer.write({ phase: 'starting', reason, progress: null }).catch(ignoreOvertaken);
  }

  #attemptsOf(row: ServerRow): Attempts | undefined {
    const attempts = this.#attempts.get(row.id);
    return attempts?.generation === row.generation ? attempts : undefined;
  }
}

/** A failure of the engine or the image, and not of the database, which says nothing about the server. */
class Outside extends Error {}

function outside<T>(work: Promise<T>): Promise<T> {
  return work.catch((cause: unknown) => {
    throw new Outside('a start failed outside of the hub', { cause });
  });
}

function ignoreOvertaken(error: unknown): void {
  if (!(error instanceof Overtaken)) throw error;
}
