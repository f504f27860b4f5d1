import type { Editor, Reason, ServerPhase } from '@davit/contract';

/** A value, or a promise of it when it is not at hand. The proxy's hot path never awaits what is at hand. */
export type MaybePromise<T> = T | Promise<T>;

/** One server as the proxy needs to know it. */
export interface ServerTarget {
  serverId: string;
  ownerId: string;
  name: string;
  /** Grows with each start. Connections to an earlier generation are closed. */
  generation: number;
  phase: ServerPhase;
  reason?: Reason;
  editors: readonly Editor[];
  readyEditors: readonly Editor[];
  /** The agent's port as the engine published it; undefined while there is no running container. */
  endpoint?: { host: string; port: number };
  /** What the agent demands. Goes into no log and no answer. */
  secret: string;
  /** '' or `/s/<id>`, as the container was told when it was made. */
  basePath: string;
}

/** Where servers are. The only source of addresses to dial: nothing in a request ever becomes one. */
export interface Targets {
  find(serverId: string): MaybePromise<ServerTarget | undefined>;
}
