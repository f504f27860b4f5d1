import { isDeepStrictEqual } from 'node:util';
import type { Editor, Reason, ServerPhase, ServerPort } from '@davit/contract';
import type { ServerRow } from './model.ts';
import type { Endpoint } from './spawner.ts';

/** What the proxy needs to know of a server. Without `endpoint` there is nothing to forward to. */
export interface Target {
  readonly serverId: string;
  readonly ownerId: string;
  readonly name: string;
  readonly generation: number;
  readonly phase: ServerPhase;
  readonly reason: Reason | undefined;
  readonly editors: readonly Editor[];
  readonly readyEditors: readonly Editor[];
  readonly endpoint: Endpoint | undefined;
  readonly secret: string;
  /** Path in front of everything, '' for host routing. */
  readonly basePath: string;
}

/** What is known of the container of one generation; `ports` undefined where its agent does not say. */
export interface LiveFacts {
  endpoint: Endpoint | undefined;
  readyEditors: readonly Editor[];
  ports: readonly ServerPort[] | undefined;
}

type Listener = (serverId: string, target: Target | undefined) => void;

interface TargetsOptions {
  secretOf: (serverId: string, generation: number) => string;
  factsOf: (serverId: string, generation: number) => LiveFacts | undefined;
  inUse: (serverIds: readonly string[], withinMs: number) => Promise<ReadonlySet<string>>;
}

/** All servers by id, in memory, so that the proxy finds its way without waiting. Kept up to date by service and loop. */
export class Targets {
  readonly #options: TargetsOptions;
  readonly #rows = new Map<string, ServerRow>();
  readonly #targets = new Map<string, Target>();
  readonly #listeners = new Set<Listener>();

  constructor(options: TargetsOptions) {
    this.#options = options;
  }

  find(serverId: string): Target | undefined {
    return this.#targets.get(serverId);
  }

  /** Those of the servers on which a person did something in the last `withinMs`; an open page alone does not count. */
  inUse(serverIds: readonly string[], withinMs: number): Promise<ReadonlySet<string>> {
    return this.#options.inUse(serverIds, withinMs);
  }

  /** Ids of all servers that are known. */
  get ids(): string[] {
    return [...this.#rows.keys()];
  }

  /** Whether any server is wanted to run. */
  get anyWanted(): boolean {
    return [...this.#rows.values()].some((row) => row.desired === 'running');
  }

  /** Takes a row over unless this or a newer version of it is known. */
  put(row: ServerRow): void {
    const known = this.#rows.get(row.id);
    if (known !== undefined && known.version >= row.version) return;
    // The last word of a server may come after its end was told here; it must not bring the server back.
    if (known === undefined && row.desired === 'deleted') return;
    if (row.deletedAt === null) {
      this.#rows.set(row.id, row);
      this.refresh(row.id);
      return;
    }
    this.#rows.delete(row.id);
    if (this.#targets.delete(row.id)) this.#tell(row.id, undefined);
  }

  /** The newest row that is known. */
  row(serverId: string): ServerRow | undefined {
    return this.#rows.get(serverId);
  }

  /** Looks again at what is known of the container. */
  refresh(serverId: string): void {
    const row = this.#rows.get(serverId);
    if (row === undefined) return;
    const before = this.#targets.get(serverId);
    const target = this.#build(row, before);
    if (before !== undefined && isDeepStrictEqual(before, target)) return;
    this.#targets.set(serverId, target);
    this.#tell(serverId, target);
  }

  /**
   * Calls `listener` after each change of a target, with undefined when the server is deleted. A connection to a container
   * must end when `endpoint` goes or `generation` grows.
   */
  onChange(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #build(row: ServerRow, before: Target | undefined): Target {
    // A server that is no longer wanted is not reached any more, although its container takes some seconds to end.
    const facts = row.desired === 'running' ? this.#options.factsOf(row.id, row.generation) : undefined;
    const secret =
      before?.generation === row.generation ? before.secret : this.#options.secretOf(row.id, row.generation);
    return {
      serverId: row.id,
      ownerId: row.ownerId,
      name: row.name,
      generation: row.generation,
      phase: row.phase,
      reason: row.reason ?? undefined,
      editors: row.editors,
      readyEditors: facts?.readyEditors ?? [],
      endpoint: facts?.endpoint,
      secret,
      basePath: row.basePath,
    };
  }

  #tell(serverId: string, target: Target | undefined): void {
    for (const listener of this.#listeners) listener(serverId, target);
  }
}
