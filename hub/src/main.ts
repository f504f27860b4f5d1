import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Forwarder } from '@davit/forward';
import { migrations } from '../migrations/index.ts';
import { createApp } from './app.ts';
import { loadConfig, type Config } from './config.ts';
import { createDomains } from './domains.ts';
import { loadInstance } from './domains/settings/index.ts';
import { openEngine } from './engine.ts';
import { listen } from './listen.ts';
import { Bus } from './platform/bus.ts';
import { systemClock as clock } from './platform/clock.ts';
import { migrate, openDatabase, untilAnswers } from './platform/db.ts';
import { lockDirectory } from './platform/directoryLock.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './platform/embeddedPostgres.ts';
import { AppError } from './platform/errors.ts';
import { ApiRouter } from './platform/http.ts';
import { Live } from './platform/live.ts';
import { createLog, type Logger } from './platform/log.ts';
import { Loop } from './platform/loop.ts';
import { Metrics } from './platform/metrics.ts';
import { createServerApp, InsideApi, Proxy, ServerLive } from './proxy/index.ts';
import { actingBy, createReplica } from './replica.ts';
import { VERSION } from './version.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const LOOK_AT_POSTGRES_MS = 2000;

/** What ends, in the order in which it was started; it is ended the other way round. */
class Ends {
  readonly #ends: { name: string; end: () => Promise<unknown> }[] = [];

  add(name: string, end: () => Promise<unknown>): void {
    this.#ends.unshift({ name, end });
  }

  /** What to do before anything ends. */
  first: () => Promise<unknown> = () => Promise.resolve();

  /** Ends everything; one that fails does not keep the others from ending. */
  async run(log: Logger): Promise<void> {
    const { first } = this;
    this.first = () => Promise.resolve();
    for (const { name, end } of [{ name: 'acting', end: first }, ...this.#ends.splice(0)]) {
      await end().catch((error: unknown) => {
        log.error({ err: error }, `ending ${name} failed`);
      });
    }
  }
}

/** Starts the hub. What has been started is in `ends`, also when a later step fails. */
async function start(config: Config, log: Logger, ends: Ends): Promise<string | undefined> {
  takeDirectory(config, ends);
  const { db, url } = await openStore(config, log, ends);
  const instance = await loadInstance(db);
  const [bus, metrics] = [new Bus(), new Metrics()];
  metrics.collectProcess();
  const replica = createReplica({ config, url, db, bus, log, metrics });
  ends.add('the link to other hubs', () => replica.stop());
  const { ticket } = replica;
  let isEnding = false;
  ends.first = async () => {
    isEnding = true;
    await replica.handOver();
    await sleep(config.drainSeconds * 1000);
  };

  const onStarted = (name: string, end: () => Promise<unknown>): void => ends.add(name, end);
  const engine = actingBy(ticket, await openEngine({ config, instance, log, onStarted }));
  const { spawner, images, imageMaker, shelf, registry, fixedGateway } = engine;

  const domains = createDomains({
    ...{ config, instance, db, bus, clock, log, metrics, ticket },
    ...{ spawner, images, imageMaker, shelf, registry },
  });
  const { authenticate, origins, access, servers } = domains;
  ends.add('the domains', () => domains.stop());
  const api = new ApiRouter();
  domains.routes(api);
  const hubUrl = config.publicUrl.origin;
  const serverApp = createServerApp({ api, targets: servers.targets, hubUrl, version: VERSION, metrics, log });
  const serverLive = new ServerLive(bus);
  ends.add('live events of servers', () => serverLive.close());
  const forwarder = new Forwarder();
  ends.add('forwarding', () => forwarder.dispose());
  const proxy = new Proxy({
    origins,
    targets: servers.targets,
    access: access.service,
    authenticate,
    forwarder,
    bus,
    clock,
    log,
    app: serverApp,
    live: serverLive,
    onTick: metrics.onTick,
  });
  ends.add('the proxy', () => proxy.dispose());
  const live = new Live({ bus, authenticate, origin: config.publicUrl.origin, log });
  ends.add('live events', () => live.close());

  const app = createApp({
    api,
    registryTokens: domains.registryTokens,
    authenticate,
    origin: config.publicUrl.origin,
    ready: async () => (isEnding ? { ready: false, checks: { hub: 'is ending' } } : domains.ready()),
    webDirectory: join(ROOT, 'hub', 'web', 'dist'),
    trustedProxies: config.trustedProxies,
    metrics,
    log,
  });
  // The engine answers: from here on this hub may act.
  await replica.start();
  await domains.start();
  if (config.apiPort !== undefined) {
    const inside = new InsideApi({
      app: serverApp,
      live: serverLive,
      tokens: servers.tokens,
      targets: servers.targets,
      gateway: async (signal) => (servers.targets.anyWanted ? engine.gateway(signal) : undefined),
      ...(fixedGateway === undefined ? {} : { addresses: () => new Set([fixedGateway]) }),
      port: config.apiPort,
      bus,
      log,
      onTick: metrics.onTick,
    });
    inside.start();
    ends.add('the listener for calls from inside servers', () => inside.dispose());
  }
  const setupLink = await domains.firstAdmin();
  const listener = await listen(config, { proxy, live, app });
  ends.add('the listener', () => listener.close());
  return setupLink;
}

/**
 * Another hub on the data directory would take over its PostgreSQL and engine service, and end them when it ends itself.
 * Hubs on a database of their own choice may share the directory: what they run is told apart by the port.
 */
function takeDirectory({ dataDir, databaseUrl, port }: Config, ends: Ends): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o755 });
  const release = lockDirectory(
    databaseUrl === undefined
      ? { directory: dataDir, name: 'hub.lock', otherwise: 'a DAVIT_DATA_DIR and a DAVIT_PORT' }
      : { directory: dataDir, name: `hub-${port}.lock`, otherwise: 'a DAVIT_PORT' },
  );
  ends.add('the lock on the data directory', () => {
    release();
    return Promise.resolve();
  });
}

async function openStore(config: Config, log: Logger, ends: Ends) {
  let url = config.databaseUrl;
  if (url === undefined) {
    const postgres = await startEmbeddedPostgres(join(config.dataDir, 'postgres'));
    log.info({ adopted: postgres.adopted }, 'PostgreSQL runs');
    const keeper = keepRunning(postgres, log);
    ends.add('PostgreSQL', async () => {
      await keeper.stop();
      await postgres.stop();
    });
    keeper.start();
    url = postgres.url;
  }
  const db = openDatabase({ url });
  ends.add('the database pool', () => db.close());
  await untilAnswers(db, log);
  await migrate(db, migrations, log);
  return { db, url };
}

/** Nobody else starts it again when it has died, of too little memory for instance. */
function keepRunning(postgres: EmbeddedPostgres, log: Logger): Loop {
  return new Loop({
    name: 'postgres',
    everyMs: LOOK_AT_POSTGRES_MS,
    run: async () => {
      if (await postgres.revive()) log.warn('PostgreSQL had ended and was started again');
    },
    log,
  });
}

function announce(config: Config, setupLink: string | undefined): void {
  const lines = ['', `Davit is ready at ${config.publicUrl.origin}`];
  if (setupLink !== undefined)
    lines.push('', 'No admin yet. Open this one-time link to choose a name and a password:', '', `  ${setupLink}`);
  if (config.insecureHttp)
    lines.push('', 'Warning: this hub is reached over plain http. Passwords cross the network unprotected.');
  if (!existsSync(join(ROOT, 'hub', 'web', 'dist', 'index.html')))
    lines.push('', 'The pages are not built. Run npm start, which builds them.');
  process.stdout.write(`${lines.join('\n')}\n\nCtrl-C ends the hub; servers of users go on.\n`);
}

function fail(error: unknown): void {
  process.stderr.write(
    `\ndavit: ${error instanceof AppError ? error.message : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const log = createLog(config.logLevel, process.stdout.isTTY);
  const ends = new Ends();
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping = (stopping ?? Promise.resolve()).then(() => ends.run(log));
  };
  const isStopping = (): boolean => stopping !== undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  process.on('unhandledRejection', (reason) => {
    log.error({ err: reason }, 'a promise failed that nobody waited for');
  });
  try {
    const setupLink = await start(config, log, ends);
    // Told to end while it started: what came after is ended as well, or the process would stay.
    if (isStopping()) stop();
    else announce(config, setupLink);
  } catch (error) {
    if (!isStopping()) fail(error);
    stop();
  }
  await stopping;
}

await main().catch(fail);
