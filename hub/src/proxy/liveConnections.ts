import type { Duplex } from 'node:stream';
import type { AccessService } from '../domains/access/index.ts';
import type { Entrant } from './authorise.ts';
import type { ServerTarget, Targets } from './targets.ts';

/** One connection on its way through the proxy: a request that is not answered yet, or a WebSocket. */
export interface LiveConnection {
  socket: Duplex;
  entrant: Entrant;
  serverId: string;
  generation: number;
  /** Ends at the hub itself, not in the server's container: it outlives a stop, so that its page hears of the next start. */
  toHub: boolean;
}

export interface LiveConnectionsOptions {
  targets: Pick<Targets, 'find'>;
  access: Pick<AccessService, 'isAlive'>;
}

/** Phases in which a server's container is gone or going; in all others a connection may still be good. */
const ENDED = new Set<ServerTarget['phase']>(['stopped', 'failed', 'stopping', 'deleting']);

/** Knows all live connections by server, and closes those whose session, token, user or server has ended. */
export class LiveConnections {
  readonly #options: LiveConnectionsOptions;
  readonly #byServer = new Map<string, Set<LiveConnection>>();
  #size = 0;

  constructor(options: LiveConnectionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  add(connection: LiveConnection): void {
    let set = this.#byServer.get(connection.serverId);
    if (set === undefined) this.#byServer.set(connection.serverId, (set = new Set()));
    set.add(connection);
    this.#size += 1;
  }

  delete(connection: LiveConnection): void {
    const set = this.#byServer.get(connection.serverId);
    if (!set?.delete(connection)) return;
    this.#size -= 1;
    if (set.size === 0) this.#byServer.delete(connection.serverId);
  }

  /** Closes connections to a server that has ended, begun anew or changed hands; undefined: it is deleted. */
  checkServer(serverId: string, target: ServerTarget | undefined): void {
    for (const connection of [...(this.#byServer.get(serverId) ?? [])]) {
      if (!reaches(connection, target)) connection.socket.destroy();
    }
  }

  /** Does that for all servers. */
  checkServers(): void {
    for (const serverId of [...this.#byServer.keys()]) this.checkServer(serverId, this.#options.targets.find(serverId));
  }

  /** The servers that anybody is connected to. */
  get serverIds(): string[] {
    return [...this.#byServer.keys()];
  }

  /**
   * Closes connections whose credential has ended: all of them, or those whose session, token or user is in `ids`. What
   * cannot be found out stays open. To ask is no use of a session; work on one of the servers in `inUse` is: it may go
   * over a WebSocket for hours, without any request.
   */
  async checkCredentials(ids?: ReadonlySet<string>, inUse: ReadonlySet<string> = new Set()): Promise<void> {
    const byCredential = new Map<string, LiveConnection[]>();
    for (const connections of this.#byServer.values()) {
      for (const connection of connections) {
        const { via, userId } = connection.entrant;
        if (ids !== undefined && !ids.has(via.id) && !ids.has(userId)) continue;
        const key = `${via.kind} ${via.id} ${userId}`;
        const group = byCredential.get(key);
        if (group === undefined) byCredential.set(key, [connection]);
        else group.push(connection);
      }
    }
    for (const group of byCredential.values()) {
      const entrant = group[0]?.entrant;
      const quiet = !group.some(({ serverId }) => inUse.has(serverId));
      if (entrant === undefined || (await this.#options.access.isAlive(entrant.via, entrant.userId, { quiet })))
        continue;
      for (const connection of group) connection.socket.destroy();
    }
  }

  /** Closes all. */
  destroy(): void {
    for (const connections of [...this.#byServer.values()]) {
      for (const connection of [...connections]) connection.socket.destroy();
    }
  }
}

function reaches(connection: LiveConnection, target: ServerTarget | undefined): boolean {
  if (target?.ownerId !== connection.entrant.userId) return false;
  if (connection.toHub) return target.phase !== 'deleting';
  if (target.generation !== connection.generation || ENDED.has(target.phase)) return false;
  // While the engine does not answer, a missing address says nothing: what works goes on.
  return target.endpoint !== undefined || target.phase === 'unknown';
}
