import type { ServerSaver } from '../images/index.ts';
import type { ApiRouter } from '../../platform/http.ts';
import { Elsewhere } from './elsewhere.ts';
import { ServerLoops } from './loops.ts';
import { createKnown, createReconciler, createReleases, createService } from './makers.ts';
import { withDefaults, type ServersDomainOptions } from './options.ts';
import type { ReleaseService } from './releaseService.ts';
import { serverRoutes, type IssueLink } from './routes.ts';
import { createServerSaver } from './saving.ts';
import type { ServerTokens } from './serverTokens.ts';
import type { ServersService } from './service.ts';
import type { Targets } from './targets.ts';

export type * from './spawner.ts';
export { SpawnRefused, SpawnWaits } from './spawner.ts';
export type { AgentClient, AgentStatus } from './agentClient.ts';
export type { ServersDomainOptions } from './options.ts';
export type { Images, People, Person } from './ports.ts';
export type { IssueLink } from './routes.ts';
export { SAVE_MS } from './saving.ts';
export type { ServerTokens } from './serverTokens.ts';
export type { ServersService } from './service.ts';
export type { Target, Targets } from './targets.ts';

export interface ServersDomain {
  service: ServersService;
  /** When servers are released, and what people do about it. */
  releases: ReleaseService;
  /** Where the proxy finds servers. */
  targets: Targets;
  /** Who calls from inside a server. */
  tokens: Pick<ServerTokens, 'authenticate' | 'aliveAmong'>;
  /** What the domain that keeps images asks when a server is saved. */
  saver: ServerSaver;
  /** Whether the engine answered when it was looked at last; undefined before the first look. */
  engineAnswers(): boolean | undefined;
  /** Whether the containers and their agents were looked at once: until then the proxy knows no way to any server. */
  hasLooked(): boolean;
  routes(api: ApiRouter, options: { issueLink: IssueLink }): void;
  /** Loads what the proxy needs and begins to reconcile. */
  start(): Promise<void>;
  /** Ends the loops and waits for them; the containers go on. */
  stop(): Promise<void>;
  /** One look at the engine and at the agents and all that follows from it, instead of start(): for tests. */
  settle(): Promise<void>;
}

/** Servers: what people want in rows, what runs in the engine, and the loop that makes them equal. */
export function createServersDomain(options: ServersDomainOptions): ServersDomain {
  const settings = withDefaults(options);
  const { bus, log, spawner, people, ticket, timing, client, onTick } = settings;
  const wakers = { wake: () => loops.wake(), poll: () => loops.poll(), look: () => loops.look() };
  const known = createKnown(settings, wakers);
  const { store, publisher, targets, live, tokens, disk, sightings } = known;
  const { book, releaser, releases } = createReleases(settings, known, wakers);
  const reconciler = createReconciler(settings, known, wakers);
  const service = createService(settings, known, { book, ...wakers });
  const elsewhere = new Elsewhere({
    bus,
    store,
    publisher,
    targets,
    wake: () => {
      wakers.wake();
      wakers.look();
    },
  });
  const loops = new ServerLoops({
    ...{ reconciler, elsewhere, live, releaser, tokens, disk },
    ...{ tickMs: timing.tick, ticket, log, onTick },
  });
  const ends: (() => void)[] = [];
  let hasLooked = false;

  return {
    service,
    releases,
    targets,
    tokens,
    saver: createServerSaver({ store, people, spawner }),
    engineAnswers: () => reconciler.engineAnswers,
    hasLooked: () => (hasLooked ||= reconciler.engineAnswers !== undefined && live.hasAsked),
    routes: (api, { issueLink }) => serverRoutes(api, { service, releases, issueLink }),
    start: async () => {
      ends.push(
        elsewhere.start(),
        ticket.onChange(async (hold) => {
          if (hold === undefined) await reconciler.standDown();
        }),
        spawner.watch(wakers.wake),
      );
      elsewhere.expectAll();
      await elsewhere.takeIn();
      loops.start();
    },
    stop: async () => {
      for (const end of ends.splice(0)) end();
      await loops.stop();
      await Promise.all([reconciler.jobs.stop(), live.stop()]);
      await sightings.write();
      await client.dispose();
    },
    settle: async () => {
      await reconciler.tick(AbortSignal.timeout(60_000));
      await reconciler.jobs.settled();
      live.poll();
      await live.settled();
      await tokens.rotate(AbortSignal.timeout(60_000));
      await releaser.tick(AbortSignal.timeout(60_000));
      await disk.look(AbortSignal.timeout(60_000));
    },
  };
}
