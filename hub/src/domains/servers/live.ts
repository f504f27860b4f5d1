import type { Editor, Sample } from '@davit/contract';
import type { Clock } from '../../platform/clock.ts';
import type { AgentClient, AgentStatus } from './agentClient.ts';
import type { ServerRow } from './model.ts';
import type { AgentView } from './plan.ts';
import type { AgentWord } from './release.ts';
import { Samples } from './samples.ts';
import { AGENT_PORT, type Endpoint, type ServerRef, type Spawner } from './spawner.ts';
import type { LiveFacts } from './targets.ts';

/** Milliseconds between two questions to one agent. */
export interface LiveTiming {
  starting: number;
  /** At least one editor is ready, another is not. */
  partly: number;
  running: number;
  /** As `running`, while somebody looks at its measurements. */
  watched: number;
}

export const DEFAULT_LIVE_TIMING: LiveTiming = { starting: 500, partly: 2000, running: 15_000, watched: 4000 };

/** Who asks for measurements is looking for so long. */
const WATCHED_FOR_MS = 30_000;

/** After so many failed questions the port is looked up again: it changes when the engine restarts a container. */
const LOOK_UP_AFTER = 3;
/** An answer as old as so many turns of a running server says nothing of now. */
const FRESH_TURNS = 3;
/** Less is no step of a clock. */
const CLOCK_NOISE_MS = 1000;

interface LiveServer {
  readonly ref: ServerRef;
  readonly generation: number;
  readonly editors: readonly Editor[];
  readonly basePath: string;
  readonly secret: string;
  readonly since: Date;
  endpoint: Endpoint | undefined;
  status: AgentStatus | undefined;
  answeredAt: Date | undefined;
  /** When this hub first heard of the newest out-of-memory kill. */
  oomKilledAt: Date | undefined;
  /** The clock step that was noted last. */
  notedStepMs: number | undefined;
  readonly samples: Samples;
  watchedUntil: number;
  failures: number;
  nextAt: number;
  asking: boolean;
}

interface LiveOptions {
  spawner: Pick<Spawner, 'endpoint'>;
  client: AgentClient;
  clock: Clock;
  timing: LiveTiming;
  secretOf: (serverId: string, generation: number) => string;
  /** Something that others show or plan with is different: the endpoint, an editor, an out-of-memory kill. */
  onChange: (serverId: string) => void;
  /** What a release depends on is different: pages, input, work. */
  onActivity: (serverId: string) => void;
  /** Programs listen on other ports than before. */
  onPorts: (serverId: string) => void;
  /** A container's clock was set by so much since it started, see AgentStatus; false when it could not be noted yet. */
  onClockStep: (engineId: string, stepMs: number) => Promise<boolean>;
}

/** What agents tell of running containers, in memory only: it changes every few seconds and is worth nothing afterwards. */
export class LiveServers {
  readonly #options: LiveOptions;
  readonly #servers = new Map<string, LiveServer>();
  readonly #questions = new Set<Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** Begins to ask the agent of a container; goes on when it is known already. True when it is new. */
  follow(row: ServerRow, ref: ServerRef): boolean {
    if (this.#servers.get(row.id)?.ref.engineId === ref.engineId) return false;
    const { clock, secretOf } = this.#options;
    this.#servers.set(row.id, {
      ref,
      generation: row.generation,
      editors: row.editors,
      basePath: row.basePath,
      secret: secretOf(row.id, row.generation),
      since: clock.now(),
      endpoint: undefined,
      status: undefined,
      answeredAt: undefined,
      oomKilledAt: undefined,
      notedStepMs: undefined,
      samples: new Samples(),
      watchedUntil: 0,
      failures: 0,
      nextAt: 0,
      asking: false,
    });
    return true;
  }

  /** Forgets all servers but these. */
  retain(serverIds: ReadonlySet<string>): void {
    for (const serverId of [...this.#servers.keys()]) {
      if (serverIds.has(serverId)) continue;
      this.#servers.delete(serverId);
      this.#options.onChange(serverId);
    }
  }

  /** Asks those whose turn it is; does not wait for the answers. */
  poll(): void {
    const now = this.#options.clock.now().getTime();
    for (const server of this.#servers.values()) {
      // A turn that is further ahead than any can be is one of a clock that was set back since.
      const isLater = server.nextAt > now && server.nextAt - now <= this.#longestMs;
      if (server.asking || isLater) continue;
      const question = this.#ask(server).finally(() => this.#questions.delete(question));
      this.#questions.add(question);
    }
  }

  /** Whether each agent was asked at least once, and so whatever can be known is known. */
  get hasAsked(): boolean {
    return [...this.#servers.values()].every((server) => server.answeredAt !== undefined || server.failures > 0);
  }

  get #longestMs(): number {
    return Math.max(...Object.values<number>({ ...this.#options.timing }));
  }

  /** Milliseconds until somebody's turn comes; while nobody is asked, as long as between two questions of a running one. */
  untilNext(): number {
    const { starting, running } = this.#options.timing;
    const next = Math.min(...[...this.#servers.values()].map((server) => server.nextAt));
    const wait = next - this.#options.clock.now().getTime();
    return Math.min(Math.max(wait, starting), running);
  }

  /** What the planner needs to know. */
  view(serverId: string, engineId: string): AgentView | undefined {
    const server = this.#servers.get(serverId);
    if (server?.ref.engineId !== engineId) return undefined;
    const { since, answeredAt, status, oomKilledAt } = server;
    return { since, answeredAt, status, oomKilledAt };
  }

  /** What the proxy needs to know. */
  facts(serverId: string, generation: number): LiveFacts | undefined {
    const server = this.#servers.get(serverId);
    if (server?.generation !== generation) return undefined;
    return { endpoint: server.endpoint, readyEditors: readyEditors(server), ports: server.status?.ports ?? undefined };
  }

  /** The last status of a server's agent (memory, activity), undefined when none is known. */
  status(serverId: string): { status: AgentStatus; at: Date } | undefined {
    const { status, answeredAt } = this.#servers.get(serverId) ?? {};
    return status === undefined || answeredAt === undefined ? undefined : { status, at: answeredAt };
  }

  /** What a release depends on; undefined while nothing is known of this container. */
  word(serverId: string, engineId: string | null): AgentWord | undefined {
    const server = this.#servers.get(serverId);
    if (server?.ref.engineId !== engineId || server.status === undefined) return undefined;
    const { clock, timing } = this.#options;
    const age = clock.now().getTime() - (server.answeredAt?.getTime() ?? 0);
    const fresh = age >= 0 && age <= FRESH_TURNS * timing.running;
    return { activity: server.status.activity, since: server.since, fresh };
  }

  /** Asks the agent of one server now, whose turn it may not be; false when it does not answer. */
  async askNow(serverId: string): Promise<boolean> {
    const server = this.#servers.get(serverId);
    if (server === undefined) return false;
    // A question that is under way may have been answered before what is asked about.
    while (server.asking) await Promise.race(this.#questions);
    const before = server.failures;
    const question = this.#ask(server).finally(() => this.#questions.delete(question));
    this.#questions.add(question);
    await question;
    return server.failures === 0 || server.failures < before;
  }

  /** Whether no container runs that is wanted, as far as this hub knows. */
  get isEmpty(): boolean {
    return this.#servers.size === 0;
  }

  /**
   * Measurements of the last minutes, oldest first. Whoever asks is looking: for half a minute the agent is asked more often.
   * True in `sooner` when its next turn came nearer by that.
   */
  watch(serverId: string): { samples: readonly Sample[]; sooner: boolean } {
    const server = this.#servers.get(serverId);
    if (server === undefined) return { samples: [], sooner: false };
    const { clock, timing } = this.#options;
    const now = clock.now().getTime();
    server.watchedUntil = now + WATCHED_FOR_MS;
    const next = Math.min(server.nextAt, now + timing.watched);
    const sooner = next < server.nextAt;
    server.nextAt = next;
    return { samples: server.samples.list(), sooner };
  }

  /** The container that a server runs in, as far as this hub knows. */
  refOf(serverId: string): ServerRef | undefined {
    return this.#servers.get(serverId)?.ref;
  }

  /** All containers that are followed. */
  refs(): ServerRef[] {
    return [...this.#servers.values()].map((server) => server.ref);
  }

  /** Resolves when no question is under way. */
  async settled(): Promise<void> {
    while (this.#questions.size > 0) await Promise.all(this.#questions);
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error('The hub is stopping.'));
    await this.settled();
  }

  async #ask(server: LiveServer): Promise<void> {
    const { client, clock, timing } = this.#options;
    const before = facts(server);
    const activityBefore = activity(server);
    const portsBefore = ports(server);
    server.asking = true;
    try {
      const endpoint = await this.#endpoint(server);
      const { basePath, secret } = server;
      const status = await client.status({ endpoint, basePath, secret }, this.#stopped.signal);
      server.answeredAt = clock.now();
      if (status.oomKills > (server.status?.oomKills ?? 0)) server.oomKilledAt = server.answeredAt;
      server.status = status;
      server.failures = 0;
      server.samples.add(server.status, server.answeredAt);
    } catch {
      server.failures += 1;
    }
    server.asking = false;
    server.nextAt = clock.now().getTime() + timing[stageOf(server, clock.now().getTime())];
    const current = this.#servers.get(server.ref.serverId) === server;
    if (current && facts(server) !== before) this.#options.onChange(server.ref.serverId);
    if (current && activity(server) !== activityBefore) this.#options.onActivity(server.ref.serverId);
    if (current && ports(server) !== portsBefore) this.#options.onPorts(server.ref.serverId);
    await this.#noteClockStep(server);
  }

  /** Tells what the agent says as long as it is not noted, so that nothing is lost while the database is away. */
  async #noteClockStep(server: LiveServer): Promise<void> {
    const step = server.status?.clockStepMs;
    if (step === undefined || Math.abs(step - (server.notedStepMs ?? Infinity)) <= CLOCK_NOISE_MS) return;
    const noted = await this.#options.onClockStep(server.ref.engineId, step).catch(() => false);
    if (noted) server.notedStepMs = step;
  }

  async #endpoint(server: LiveServer): Promise<Endpoint> {
    const stale = server.failures > 0 && server.failures % LOOK_UP_AFTER === 0;
    if (server.endpoint === undefined || stale) {
      const found = await this.#options.spawner.endpoint(server.ref, AGENT_PORT, this.#stopped.signal);
      server.endpoint = found ?? server.endpoint;
    }
    if (server.endpoint === undefined) throw new Error('the container has no address yet');
    return server.endpoint;
  }
}

/** How often to ask. A silent agent that was ready is asked as one that partly is. */
function stageOf(server: LiveServer, now: number): keyof LiveTiming {
  if (server.status === undefined) return 'starting';
  const ready = readyEditors(server).length;
  if (ready === server.editors.length && server.failures === 0)
    return server.watchedUntil > now ? 'watched' : 'running';
  if (ready === server.editors.length) return 'partly';
  return ready === 0 ? 'starting' : 'partly';
}

function readyEditors({ editors, status }: LiveServer): Editor[] {
  return editors.filter((name) => status?.editors.some((editor) => editor.name === name && editor.phase === 'ready'));
}

/** What a release depends on, as text; moments that move all the time are left out. */
function activity({ status, failures }: LiveServer): string {
  const { pagesOpen = 0, busy, busyCode, lastInputAt } = status?.activity ?? {};
  return JSON.stringify([pagesOpen, busy, busyCode, lastInputAt, failures > 0]);
}

/** The ports as text. */
function ports({ status }: LiveServer): string {
  return JSON.stringify(status?.ports ?? null);
}

/** All that counts as a change, as text. Memory and activity move all the time and do not. */
function facts({ endpoint, status }: LiveServer): string {
  const editors = status?.editors.map(({ name, phase, restarts }) => [name, phase, restarts]);
  return JSON.stringify([endpoint, editors, status?.oomKills]);
}
