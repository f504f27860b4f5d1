import {
  launchOptionsSchema,
  releasePolicySchema,
  type ChangeEvent,
  type Editor,
  type LaunchOptions,
  type Quota,
  type ReleaseSettings,
  type Role,
  type ServerPort,
} from '@davit/contract';
import { ImageFailed, type EnsureOptions, type ImageLocation } from '../../src/domains/images/index.ts';
import {
  createServersDomain,
  type AgentClient,
  type AgentStatus,
  type Images,
  type People,
  type Person,
  type ServersDomain,
  type ServersDomainOptions,
} from '../../src/domains/servers/index.ts';
import { FakeEngine, FakeSpawner } from '../../src/drivers/spawner/fake/index.ts';
import type { Actor } from '../../src/platform/auth.ts';
import { Bus } from '../../src/platform/bus.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { Database, Transaction } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';

/** A clock that moves only when told. */
export class ManualClock implements Clock {
  #now = new Date('2030-01-01T00:00:00.000Z').getTime();
  now(): Date {
    return new Date(this.#now);
  }
  advance(ms: number): void {
    this.#now += ms;
  }
}

export const QUOTA: Quota = { servers: 3, cpu: 4, memoryMb: 16_384, gpu: 1 };

/** People by id; the lock is a real one in the database, as the rows of the real ones are. */
export class FakePeople implements People {
  readonly people = new Map<string, Person>();
  readonly members = new Map<string, string[]>();
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }
  add(id: string, role: Role = 'user', quota: Partial<Quota> = {}): Actor {
    const name = id.replace(/0+$/, '');
    this.people.set(id, { id, name, role, active: true, deleted: false, quota: { ...QUOTA, ...quota } });
    const scopes = new Set(['read', 'servers', 'account', ...(role === 'admin' ? ['admin' as const] : [])] as const);
    return { userId: id, name, role, scopes, via: { kind: 'session', id: 'session00000' } };
  }
  find(userId: string): Promise<Person | undefined> {
    return Promise.resolve(this.people.get(userId));
  }
  namesOf(userIds: readonly string[]): Promise<Map<string, string>> {
    const found = userIds.flatMap((id) => this.people.get(id) ?? []);
    return Promise.resolve(new Map(found.map(({ id, name }) => [id, name])));
  }
  async lock(userId: string, tx: Transaction): Promise<Person | undefined> {
    await this.#db.query('SELECT pg_advisory_xact_lock(hashtext($userId))', { bind: { userId }, transaction: tx });
    return this.people.get(userId);
  }
  visibleTo(actor: Actor): Promise<'all' | readonly string[]> {
    return Promise.resolve(actor.role === 'admin' ? 'all' : (this.members.get(actor.userId) ?? []));
  }
}

interface FakeImage {
  name: string;
  editors: Editor[];
  ready: boolean;
  launch: LaunchOptions;
  /** Deleted while a server is being created. */
  gone?: boolean;
  failure?: string;
  builds: { options: EnsureOptions; end: (failure?: string) => void }[];
}

/** Images by id; one that is not ready is built when the test says so. */
export class FakeImages implements Images {
  readonly images = new Map<string, FakeImage>();
  constructor() {
    this.add('imgjupyter00', 'jupyterlab', ['jupyterlab']);
    this.add('imgboth00000', 'all', ['jupyterlab', 'code-server']);
    this.add('imgbase00000', 'base', []);
  }
  add(id: string, name: string, editors: Editor[]): FakeImage {
    const image = { name, editors, ready: true, launch: launchOptionsSchema.parse({}), builds: [] };
    this.images.set(id, image);
    return image;
  }
  findUsable(_: Actor, id: string) {
    const image = this.images.get(id);
    return Promise.resolve(image === undefined ? undefined : { id, ...image });
  }
  hold(id: string): Promise<boolean> {
    return Promise.resolve(this.images.get(id)?.gone !== true);
  }
  launchOf(id: string): Promise<LaunchOptions> {
    return Promise.resolve(this.images.get(id)?.launch ?? launchOptionsSchema.parse({}));
  }
  names(ids: readonly string[]) {
    return Promise.resolve(new Map(ids.map((id) => [id, this.images.get(id)?.name ?? ''])));
  }
  ensureImage(id: string, options: EnsureOptions): Promise<ImageLocation> {
    const image = this.images.get(id);
    if (image === undefined) return Promise.reject(new ImageFailed('This image no longer exists.'));
    const location = { ref: `localhost/davit/${image.name}:1`, digest: `sha256:${image.name}`, sizeBytes: 1 };
    if (image.ready) return Promise.resolve(location);
    const { promise, resolve, reject } = Promise.withResolvers<ImageLocation>();
    options.signal.addEventListener('abort', () => reject(options.signal.reason as Error));
    const end = (failure?: string): void => {
      if (failure === undefined) resolve(location);
      else reject(new ImageFailed(failure));
    };
    image.builds.push({ options, end });
    return promise;
  }
}

type EditorWord = Partial<AgentStatus['editors'][number]> & { name: string };

/** Agents that say of each server what the test wants: all declared editors ready unless told. */
export class FakeAgents implements AgentClient {
  readonly words = new Map<string, { editors: EditorWord[]; oomKills?: number; ports?: ServerPort[] } | 'silent'>();
  /** What each tells of people and work; without a word nobody is there and nothing known. */
  readonly activities = new Map<string, Partial<AgentStatus['activity']>>();
  /** By how much the clock was set while each server ran. */
  readonly clockSteps = new Map<string, number>();
  readonly secrets: string[] = [];
  readonly #engine: FakeEngine;
  constructor(engine: FakeEngine) {
    this.#engine = engine;
  }
  status({ endpoint, secret }: Parameters<AgentClient['status']>[0]): Promise<AgentStatus> {
    this.secrets.push(secret);
    const container = [...this.#engine.containers.values()].find((one) => one.endpoint.port === endpoint.port);
    const word = this.words.get(container?.spec.serverId ?? '');
    if (container?.state !== 'running' || word === 'silent') return Promise.reject(new Error('no answer'));
    const editors = word?.editors ?? container.spec.editors.map((name) => ({ name }));
    return Promise.resolve({
      contract: 1,
      startedAt: '2030-01-01T00:00:00.000Z',
      editors: editors.map((editor) => ({ phase: 'ready', restarts: 0, ...editor })),
      memory: { usedBytes: 1, limitBytes: null },
      oomKills: word?.oomKills ?? 0,
      clockStepMs: this.clockSteps.get(container.spec.serverId) ?? 0,
      cpuUsageUs: null,
      ports: word?.ports,
      activity: {
        lastInputAt: null,
        pagesOpen: 0,
        busy: null,
        busyReason: null,
        lastOutputAt: null,
        ...this.activities.get(container.spec.serverId),
      },
    });
  }
  dispose(): Promise<void> {
    return Promise.resolve();
  }
}

/** A world with one engine and one database, in which hubs come and go. */
export interface World {
  db: Database;
  engine: FakeEngine;
  people: FakePeople;
  images: FakeImages;
  agents: FakeAgents;
  clock: ManualClock;
  release: ReleaseSettings;
  events: { event: ChangeEvent; userIds: readonly string[] }[];
  ada: Actor;
  bob: Actor;
  admin: Actor;
  /** A hub that does nothing by itself: tests call settle(). */
  hub: (changes?: Partial<ServersDomainOptions>) => ServersDomain;
  /** Settles until nothing follows any more. */
  rest: (domain: ServersDomain) => Promise<void>;
  runs: () => Promise<Record<string, unknown>[]>;
  /** Ends all hubs and empties the tables, so that the next test finds a new world in the same database. */
  end: () => Promise<void>;
}

/** All policies for admins, all but `manual` for the others; 24 h unless chosen. */
function releaseSettings(): ReleaseSettings {
  const all = releasePolicySchema.options;
  const timed = all.filter((policy) => policy !== 'manual');
  const some = { allowed: timed, default: '24h' as const };
  return { leftAfterMinutes: 60, roles: { user: some, teacher: some, admin: { ...some, allowed: all } } };
}

export function createWorld(db: Database): World {
  const clock = new ManualClock();
  const engine = new FakeEngine(clock);
  const people = new FakePeople(db);
  const images = new FakeImages();
  const agents = new FakeAgents(engine);
  const events: World['events'] = [];
  const bus = new Bus();
  bus.subscribe(({ event, audience }) => events.push({ event, userIds: audience.userIds ?? [] }));
  const hubs: ServersDomain[] = [];
  const release = releaseSettings();
  return {
    db,
    engine,
    people,
    images,
    agents,
    clock,
    release,
    events,
    ada: people.add('ada000000000'),
    bob: people.add('bob000000000'),
    admin: people.add('admin0000000', 'admin'),
    hub: (changes) => {
      const domain = createServersDomain({
        db,
        bus,
        log: createLog('silent'),
        clock,
        spawner: new FakeSpawner({ engine, instanceId: 'one' }),
        people,
        images,
        instanceKey: Buffer.alloc(32, 1),
        sources: ['default'],
        basePathOf: () => '',
        agentClient: agents,
        releaseSettings: () => Promise.resolve(release),
        ...changes,
      });
      hubs.push(domain);
      return domain;
    },
    rest: async (domain) => {
      let before = '';
      for (let turn = 0; turn < 10; turn += 1) {
        await domain.settle();
        const { list: _, ...calls } = engine.calls;
        const after = JSON.stringify([events.length, calls]);
        if (after === before) return;
        before = after;
      }
    },
    runs: async () => {
      const [rows] = await db.query('SELECT * FROM server_runs ORDER BY generation, engine_id');
      return rows as Record<string, unknown>[];
    },
    end: async () => {
      await Promise.all(hubs.map((domain) => domain.stop()));
      await emptied(db);
    },
  };
}

/** A hub that a test killed may still have a query under way, and PostgreSQL then ends one of the two. */
const DEADLOCK = '40P01';

async function emptied(db: Database): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await db.query('TRUNCATE servers, server_runs, server_logs, server_tokens');
      return;
    } catch (error) {
      const code = (error as { parent?: { code?: string } }).parent?.code;
      if (code !== DEADLOCK || attempt === 5) throw error;
    }
  }
}
