import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { createAccessDomain, createOrigins } from './domains/access/index.ts';
import { createGroupsDomain } from './domains/groups/index.ts';
import { createImagesDomain, type BuildShelf, type ImageMaker, type ImageSource } from './domains/images/index.ts';
import { createRegistryDomain, type RegistryPort } from './domains/registry/index.ts';
import { createServersDomain, type Spawner } from './domains/servers/index.ts';
import { createSessionsDomain } from './domains/sessions/index.ts';
import { createSettingsDomain, type Instance } from './domains/settings/index.ts';
import { createTokensDomain } from './domains/tokens/index.ts';
import { createUsageDomain } from './domains/usage/index.ts';
import { createUsersDomain } from './domains/users/index.ts';
import type { Bus } from './platform/bus.ts';
import type { Clock } from './platform/clock.ts';
import type { Database } from './platform/db.ts';
import type { ApiRouter } from './platform/http.ts';
import type { Logger } from './platform/log.ts';
import { Loop } from './platform/loop.ts';
import type { Metrics } from './platform/metrics.ts';
import type { Ticket } from './platform/ticket.ts';
import { VERSION } from './version.ts';

/** What the domains stand on. */
export interface Foundation {
  config: Config;
  instance: Instance;
  db: Database;
  bus: Bus;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  /** Which of the hubs on the database acts. */
  ticket: Ticket;
  spawner: Spawner;
  images: ImageSource;
  imageMaker: ImageMaker;
  shelf: BuildShelf | undefined;
  /** Where the nodes of a cluster take images from. */
  registry: RegistryPort | undefined;
}

const CLEAN_UP_MS = 10 * 60_000;

/** Makes all domains and lets each know those it asks. A closure stands where two domains ask each other. */
export function createDomains({
  config,
  instance,
  images: source,
  imageMaker: maker,
  shelf,
  registry: registryPort,
  spawner,
  metrics,
  ...base
}: Foundation) {
  const { clock, log, ticket } = base;
  const onTick = metrics.onTick;
  const origins = createOrigins({ ...config, instanceId: instance.id });
  const settings = createSettingsDomain({
    ...base,
    hub: { name: 'Davit', version: VERSION, insecureHttp: config.insecureHttp },
    setupRequired: () => users.setup.required(),
  });
  const users = createUsersDomain({
    ...base,
    publicUrl: config.publicUrl,
    settings,
    endCredentials: [(id, tx) => sessions.endOf(id, tx), (id, tx) => tokens.endOf(id, tx)],
    onDeleted: [
      (id, tx) => servers.service.onUserDeleted(id, tx),
      (id, tx) => images.onUserDeleted(id, tx),
      (id, tx) => groups.removePerson(id, tx),
    ],
    taughtBy: (id) => groups.taughtBy(id),
  });
  const { people } = users;
  const groups = createGroupsDomain({ ...base, people, hubPlacement: config.kubernetes?.placement });
  const tokens = createTokensDomain({ ...base, people, sessionExists: (id, tx) => sessions.exists(id, tx) });
  const sessions = createSessionsDomain({
    ...base,
    users,
    settings,
    tokens,
    instanceId: instance.id,
    insecureHttp: config.insecureHttp,
    usedBy: (id) => servers.service.usageOf(id),
  });
  const access = createAccessDomain({ ...base, origins, findActor: (via, how) => sessions.actorOf(via, how) });
  const images = createImagesDomain({
    ...base,
    source,
    engine: spawner.engine,
    servers: () => servers.saver,
    serversOf: (id, tx) => servers.service.ofImage(id, tx),
    maker,
    sharees: {
      ...groups.sharing,
      peopleById: (ids) => people.namesOf(ids),
      personNamed: (name) => people.findByName(name),
    },
    uploads: {
      directory: join(config.dataDir, 'run', 'uploads'),
      maxBytes: config.uploadLimitMb * 2 ** 20,
      diskOf: freeSpace,
    },
    ...(shelf === undefined || config.oldImageDays === 0
      ? {}
      : { oldBuilds: { shelf, days: config.oldImageDays, pinned: () => servers.service.pinnedDigests() } }),
    onTick,
  });
  const servers = createServersDomain({
    ...base,
    spawner,
    people,
    images: images.service,
    instanceKey: instance.key,
    sources: Object.keys(config.sources),
    variables: config.serverVariables,
    basePathOf: (id) => origins.basePath(id),
    placementOf: (id) => groups.placementOf(id),
    capacity: { cpuOvercommit: config.cpuOvercommit },
    releaseSettings: async () => (await settings.current()).release,
    saving: () => images.savingServers(),
    diskLimitMb: config.diskLimitMb,
    onTick,
  });
  const registry = createRegistryDomain({
    ...base,
    registry: registryPort,
    authenticate: sessions.authenticate,
    limits: sessions.limits,
    mayPull: (actor, repository) => images.service.mayPull(actor, repository),
    instanceKey: instance.key,
  });
  const usage = createUsageDomain({ ...base, people, groups });
  const cleanUp = new Loop({
    name: 'clean-up',
    everyMs: CLEAN_UP_MS,
    ticket,
    log,
    onTick,
    run: async () => {
      await sessions.cleanUp(clock.now());
      await access.service.cleanUp(clock.now());
    },
  });
  metrics.countServers(() => servers.service.countByPhase());
  return {
    origins,
    access,
    servers,
    users,
    authenticate: sessions.authenticate,
    registryTokens: registry.tokenRoute,
    routes(api: ApiRouter): void {
      for (const domain of [settings, users, sessions, tokens, groups, images, registry, usage]) domain.routes(api);
      servers.routes(api, { issueLink: (actor, grant) => access.service.issueLink(actor, grant) });
    },
    /** The admin of an unattended set-up, or the one-time link to print; undefined when an admin is there. */
    async firstAdmin(): Promise<string | undefined> {
      if (config.admin !== undefined) await users.setup.bootstrapAdmin(config.admin.name, config.admin.password);
      return users.setup.ensureSetupLink();
    },
    async start(): Promise<void> {
      await images.start();
      await servers.start();
      cleanUp.start();
    },
    /** Ends all loops and waits for them. Containers go on. */
    async stop(): Promise<void> {
      await cleanUp.stop();
      await servers.stop();
      await images.stop();
      sessions.dispose();
      access.dispose();
    },
    /**
     * Whether this hub can answer, for /readyz: whether the database does, and it knows where the servers are. The engine is
     * told, and does not count: without it all hubs would be taken for useless at once, while editors go on. Nobody is
     * asked who is not asked anyway.
     */
    async ready(): Promise<{ ready: boolean; checks: Record<string, string> }> {
      const database = await base.db.query('SELECT 1').then(
        () => 'ok',
        () => 'does not answer',
      );
      const ready = database === 'ok' && servers.hasLooked();
      return { ready, checks: { database, engine: engineState(servers.engineAnswers()) } };
    },
  };
}

function engineState(answers: boolean | undefined): string {
  if (answers === undefined) return 'was not asked yet';
  return answers ? 'ok' : 'does not answer';
}

async function freeSpace(path: string): Promise<{ free: number; total: number }> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { free: bavail * bsize, total: blocks * bsize };
}
