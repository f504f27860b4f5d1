import type {
  CreateServer,
  Page,
  Quota,
  Resources,
  Server,
  ServerListQuery,
  ServerMetrics,
  ServerPhase,
  Sizes,
} from '@davit/contract';
import type { Actor } from '../../platform/auth.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Transaction } from '../../platform/db.ts';
import { AppError } from '../../platform/errors.ts';
import { timeCursor, toPage } from '../../platform/paging.ts';
import { randomId } from '../../platform/random.ts';
import { tooLarge } from './admission.ts';
import type { ServerOfImage } from '../images/index.ts';
import type { InventoryCache } from './inventory.ts';
import type { AgentStatus } from './agentClient.ts';
import type { LiveServers } from './live.ts';
import type { ServerPatch, ServerRow } from './model.ts';
import { openPath, type OpenRequest } from './open.ts';
import type { Placed } from './placing.ts';
import type { Images, People, Person, PlacementOf, UsableImage } from './ports.ts';
import { askedBy, requireQuota } from './quota.ts';
import { notFound, requireServer, visibleOwners, type Deed } from './rights.ts';
import type { ReleaseBook } from './releaseBook.ts';
import type { CapacityPolicy } from './room.ts';
import type { Publisher } from './rows.ts';
import type { RunStore } from './runStore.ts';
import { resourcesOf, sizesFor } from './sizes.ts';
import type { Spawner } from './spawner.ts';
import type { ServerStore } from './store.ts';
import type { Target, Targets } from './targets.ts';
import { deletePatch, resetPatch, startPatch, stopPatch } from './transitions.ts';
import { toServer } from './view.ts';

export interface ServersOptions {
  store: ServerStore;
  runs: RunStore;
  publisher: Publisher;
  people: People;
  images: Images;
  spawner: Pick<Spawner, 'logs'>;
  live: LiveServers;
  targets: Targets;
  inventory: InventoryCache;
  policy: CapacityPolicy;
  book: ReleaseBook;
  clock: Clock;
  /** Path in front of everything of a server: '' for host routing. */
  basePathOf: (serverId: string) => string;
  placementOf: PlacementOf;
  /** Asks the loop for a tick. */
  wake: () => void;
  /** Asks the agents whose turn it is, and when the next turn comes. */
  poll: () => void;
}

/** Where a link to a server leads: `path` is below the server's base path. */
export interface OpenGrant {
  serverId: string;
  path: string;
  target: Target;
}

export interface ServerLogs {
  lines: string[];
  source: 'container' | 'last-container' | 'none';
}

/** What people do with servers: each call checks the right, changes what is wanted, and wakes the loop. */
export class ServersService {
  readonly #options: ServersOptions;

  constructor(options: ServersOptions) {
    this.#options = options;
  }

  async list(actor: Actor, query: ServerListQuery): Promise<Page<Server>> {
    const ownerIds = await this.#ownersFor(actor, query);
    const rows = await this.#options.store.page({
      ownerIds,
      id: actor.server?.id,
      phase: query.phase,
      search: query.search?.replaceAll('\0', ''),
      after: timeCursor(query.cursor),
      limit: query.limit,
    });
    const page = toPage(rows, query.limit, (row) => [row.createdAt.toISOString(), row.id]);
    return { ...page, items: await this.#show(page.items) };
  }

  async get(actor: Actor, id: string): Promise<Server> {
    return this.#showOne(await this.#require(actor, id, 'see'));
  }

  /** Quota, name and row in one transaction that holds the owner's lock: of many at once for one free slot one wins. */
  async create(actor: Actor, input: CreateServer): Promise<Server> {
    if (actor.server !== undefined)
      throw new AppError('forbidden', 'A server cannot create servers. Use the hub’s pages.');
    const { store, people, images, clock, basePathOf, placementOf, book } = this.#options;
    const resources = resourcesOf(input);
    const image = await images.findUsable(actor, input.imageId);
    if (image === undefined) throw noSuchImage();
    if (image.launch.needsGpu && resources.gpu === 0) throw needsGpu(image, 'bad-request');
    const placement = (await placementOf(actor.userId)) ?? null;
    await this.#requirePossible({ ...resources, placement });
    const now = clock.now();
    const id = randomId();
    const row = newRow({ id, ownerId: actor.userId, name: input.name, imageId: image.id, editors: image.editors });
    const wanted = input.start ? STARTED : {};
    const { role } = requireActive(await people.find(actor.userId));
    const releasePolicy = await book.choose(role, input.releasePolicy, 'releasePolicy');
    const created = await store.transaction(async (tx) => {
      const person = requireActive(await people.lock(actor.userId, tx));
      const asked = input.start ? askedBy(resources, 1) : { servers: 1, cpu: 0, memoryMb: 0, gpu: 0 };
      requireQuota(person.quota, await store.usageOf(actor.userId, { tx }), asked);
      if (!(await images.hold(image.id, tx))) throw noSuchImage();
      const queuedAt = input.start ? now : null;
      const given = { queuedAt, createdAt: now, basePath: basePathOf(id), placement, releasePolicy };
      return store.insert({ ...row, ...resources, ...wanted, ...given }, tx);
    });
    return this.#changed(created);
  }

  async start(actor: Actor, id: string): Promise<Server> {
    return this.#startWith(actor, id, startPatch);
  }

  async reset(actor: Actor, id: string): Promise<Server> {
    return this.#startWith(actor, id, resetPatch);
  }

  async stop(actor: Actor, id: string): Promise<Server> {
    await this.#require(actor, id, 'stop');
    return this.#changed(await this.#change(id, stopPatch));
  }

  async delete(actor: Actor, id: string): Promise<Server> {
    await this.#require(actor, id, 'delete');
    return this.#changed(await this.#change(id, deletePatch));
  }

  /** Marks all servers of a person deleted, in the transaction that deletes the person. */
  async onUserDeleted(userId: string, tx: Transaction): Promise<void> {
    const { store, publisher, wake } = this.#options;
    const rows = await store.markDeletedOf(userId, tx);
    tx.afterCommit(() => {
      for (const row of rows) publisher.publish(row);
      wake();
    });
  }

  /** Lines of the container while there is one, else those kept of the last. */
  async logs(actor: Actor, id: string, tail: number): Promise<ServerLogs> {
    await this.#require(actor, id, 'logs');
    const ref = this.#options.live.refOf(id);
    if (ref !== undefined) {
      const signal = AbortSignal.timeout(10_000);
      const lines = await this.#options.spawner.logs(ref, tail, signal).catch(() => undefined);
      if (lines !== undefined) return { lines, source: 'container' };
    }
    const kept = await this.#options.runs.logsOf(id);
    return kept === undefined ? { lines: [], source: 'none' } : { lines: kept.slice(-tail), source: 'last-container' };
  }

  /** What a running server uses, and has used during the last minutes. */
  async metrics(actor: Actor, id: string): Promise<ServerMetrics> {
    const { cpu, memoryMb, gpu, startedAt, desired } = await this.#require(actor, id, 'see');
    const { samples, sooner } = this.#options.live.watch(id);
    if (sooner) this.#options.poll();
    return {
      samples: [...samples],
      limits: { cpu, memoryBytes: memoryMb * 2 ** 20, gpu },
      startedAt: desired === 'running' ? (startedAt?.toISOString() ?? null) : null,
    };
  }

  /** Whether the actor may enter the server now, and by which path. Only its owner may, and only while it runs. */
  async authorizeOpen(actor: Actor, id: string, request: OpenRequest): Promise<OpenGrant> {
    const row = await this.#require(actor, id, 'use');
    const path = openPath(row, request);
    const target = this.#options.targets.find(id);
    if (target === undefined) throw notFound();
    return { serverId: id, path, target };
  }

  async sizes(actor: Actor): Promise<Sizes> {
    const { store, people, inventory, policy, book, placementOf } = this.#options;
    const person = requireActive(await people.find(actor.userId));
    const placement = await placementOf(actor.userId);
    const releasePolicies = await book.policiesOf(person.role);
    const quota = { limit: person.quota, used: await store.usageOf(actor.userId) };
    const [machines, holders, queue] = await Promise.all([inventory.glance(), store.holders(), store.queue()]);
    return { ...sizesFor({ quota, inventory: machines, holders, queue, policy, placement }), releasePolicies };
  }

  /** What a person uses of the quota now. */
  usageOf(userId: string, tx?: Transaction): Promise<Quota> {
    return this.#options.store.usageOf(userId, { tx });
  }

  /** The last word of a server's agent; undefined when there is none. */
  liveStatus(id: string): { status: AgentStatus; at: Date } | undefined {
    return this.#options.live.status(id);
  }

  /** Servers that were created from an image and are there, as `tx` sees them: the image cannot go before they do. */
  async ofImage(imageId: string, tx: Transaction): Promise<ServerOfImage[]> {
    const { store, people } = this.#options;
    const rows = await store.ofImage(imageId, tx);
    const names = await people.namesOf(ownersOf(rows), tx);
    return rows.map(({ id, name, ownerId }) => ({ id, name, ownerId, ownerName: names.get(ownerId) ?? '' }));
  }

  /** Content ids of the images that servers on their way were promised. */
  pinnedDigests(): Promise<string[]> {
    return this.#options.store.pinnedDigests();
  }

  /** Servers by phase, for metrics. */
  countByPhase(): Promise<{ phase: ServerPhase; count: number }[]> {
    return this.#options.store.countByPhase();
  }

  async #startWith(actor: Actor, id: string, transition: typeof startPatch): Promise<Server> {
    const { store, people, images, clock, basePathOf, placementOf, book } = this.#options;
    const seen = await this.#require(actor, id, 'use');
    const placement = (await placementOf(seen.ownerId)) ?? null;
    await this.#requirePossible({ ...seen, placement });
    const image = await images.findUsable(actor, seen.imageId);
    const { role } = requireActive(await people.find(actor.userId));
    const releasePolicy = await book.renew(role, seen.releasePolicy);
    const row = await store.transaction(async (tx) => {
      // The person before the server, as everywhere: two that lock in different orders can wait for each other.
      const person = requireActive(await people.lock(actor.userId, tx));
      const locked = await store.lock(id, tx);
      if (locked === undefined) throw notFound();
      const patch = transition(locked, { now: clock.now(), basePath: basePathOf(id), releasePolicy, placement });
      if (patch === undefined) return locked;
      if (image === undefined) throw imageGone();
      if (image.launch.needsGpu && locked.gpu === 0) throw needsGpu(image, 'conflict');
      const used = await store.usageOf(actor.userId, { tx, exceptId: id });
      requireQuota(person.quota, used, askedBy(locked, 0));
      return await store.update(locked, { ...patch, editors: image.editors }, tx);
    });
    return this.#changed(row);
  }

  async #change(id: string, transition: (row: ServerRow) => ServerPatch | undefined): Promise<ServerRow | undefined> {
    const { store } = this.#options;
    return store.transaction(async (tx) => {
      const locked = await store.lock(id, tx);
      if (locked === undefined) throw notFound();
      const patch = transition(locked);
      return patch === undefined ? locked : store.update(locked, patch, tx);
    });
  }

  /** Tells of a committed change and answers the server as it is now. */
  async #changed(row: ServerRow | undefined): Promise<Server> {
    if (row === undefined) throw new Error('a locked row was changed by somebody else');
    this.#options.publisher.publish(row);
    this.#options.wake();
    return this.#showOne(row);
  }

  #require(actor: Actor, id: string, deed: Deed): Promise<ServerRow> {
    return requireServer(actor, id, deed, this.#options);
  }

  async #requirePossible(asked: Resources & Placed): Promise<void> {
    const inventory = await this.#options.inventory.glance();
    const problem = inventory === undefined ? undefined : tooLarge(asked, inventory, this.#options.policy);
    if (problem === undefined) return;
    throw new AppError('conflict', `No machine is large enough for this server. ${problem} Choose a smaller size.`);
  }

  async #ownersFor(actor: Actor, query: ServerListQuery): Promise<readonly string[] | undefined> {
    if (query.scope === 'own' && query.owner === undefined) return [actor.userId];
    const visible = await visibleOwners(actor, this.#options.people);
    if (query.owner === undefined) return visible;
    return visible === undefined || visible.includes(query.owner) ? [query.owner] : [];
  }

  async #showOne(row: ServerRow): Promise<Server> {
    const [server] = await this.#show([row]);
    if (server === undefined) throw new Error('one row shows as one server');
    return server;
  }

  async #show(rows: readonly ServerRow[]): Promise<Server[]> {
    const { people, images, live, book } = this.#options;
    const [ownerNames, imageNames, assess] = await Promise.all([
      people.namesOf(ownersOf(rows)),
      images.names(rows.map((row) => row.imageId)),
      book.open(),
    ]);
    return rows.map((row) => {
      const facts = row.desired === 'running' ? live.facts(row.id, row.generation) : undefined;
      return toServer(row, {
        ownerName: ownerNames.get(row.ownerId) ?? '',
        imageName: imageNames.get(row.imageId) ?? '',
        readyEditors: facts?.readyEditors ?? [],
        ports: facts?.ports,
        release: assess(row)?.state,
      });
    });
  }
}

const STARTED = { desired: 'running', phase: 'queued', generation: 1, reserved: true } as const;

function newRow(
  given: Pick<ServerRow, 'id' | 'ownerId' | 'name' | 'imageId' | 'editors'>,
): Omit<ServerRow, 'createdAt' | 'releasePolicy'> {
  return {
    ...given,
    imageRef: null,
    imageDigest: null,
    basePath: '',
    cpu: 0,
    memoryMb: 0,
    gpu: 0,
    gpuIds: [],
    placement: null,
    desired: 'stopped',
    generation: 0,
    phase: 'stopped',
    reason: null,
    progress: null,
    reserved: false,
    queuedAt: null,
    admittedAt: null,
    engineId: null,
    exitCode: null,
    startedAt: null,
    readyAt: null,
    endedAt: null,
    deletedAt: null,
    keepUntil: null,
    lastInputAt: null,
    leftAt: null,
    warnedAt: null,
    version: 1,
  };
}

function ownersOf(rows: readonly ServerRow[]): string[] {
  return [...new Set(rows.map((row) => row.ownerId))];
}

function requireActive(person: Person | undefined): Person {
  if (person === undefined || person.deleted || !person.active) {
    throw new AppError('forbidden', 'This account may not start servers: it is not active. Ask an admin.');
  }
  return person;
}

function noSuchImage(): AppError {
  return new AppError('bad-request', 'There is no such image, or it is not shared with you. Choose one of the list.', {
    fields: [{ path: 'imageId', message: 'is not an image that you may use' }],
  });
}

/** A size is chosen when a server is created and stays; so an image that came to need a card later is another matter. */
function needsGpu({ name }: UsableImage, code: 'bad-request' | 'conflict'): AppError {
  const message = `Servers of the image ${name} need a GPU.`;
  if (code === 'conflict') {
    return new AppError(code, `${message} This one has none: create another server; your files in /data are kept.`);
  }
  return new AppError(code, `${message} Choose a size that has one.`, {
    fields: [{ path: 'resources.gpu', message: 'must be at least 1 for this image' }],
  });
}

function imageGone(): AppError {
  return new AppError(
    'conflict',
    'The image of this server is no longer available. Create a server from another image; your files in /data are kept.',
  );
}
