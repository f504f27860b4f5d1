import type { Clock } from '../../platform/clock.ts';
import type { LiveServers } from './live.ts';
import type { ServerStore } from './store.ts';

interface InputSources {
  store: Pick<ServerStore, 'lastInputs'>;
  live: Pick<LiveServers, 'status'>;
  clock: Clock;
}

/**
 * Those of the servers on which a person did something in the last `withinMs`: as their agents saw it in what passes
 * through, or as an editor reported it that alone knows.
 */
export async function serversInUse(
  serverIds: readonly string[],
  withinMs: number,
  { store, live, clock }: InputSources,
): Promise<ReadonlySet<string>> {
  const since = clock.now().getTime() - withinMs;
  const noted = await store.lastInputs(serverIds);
  const inputAt = (id: string): number =>
    Math.max(noted.get(id)?.getTime() ?? 0, Date.parse(live.status(id)?.status.activity.lastInputAt ?? '') || 0);
  return new Set(serverIds.filter((id) => inputAt(id) >= since));
}
