import type { AnyRoute, Placement, RouteCall, RouteOutput, Role } from '@davit/contract';
import { urlOf } from '@davit/contract';
import { jest } from '@jest/globals';
import express from 'express';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createGroupsDomain, type GroupsDomain } from '../src/domains/groups/index.ts';
import { createSessionsDomain, type SessionsDomain } from '../src/domains/sessions/index.ts';
import { createSettingsDomain, loadInstance, type SettingsDomain } from '../src/domains/settings/index.ts';
import { createTokensDomain, type TokensDomain } from '../src/domains/tokens/index.ts';
import { createUsersDomain, type UsersDomain, type UsersDomainOptions } from '../src/domains/users/index.ts';
import type { Authenticate } from '../src/platform/auth.ts';
import { Bus, type BusMessage } from '../src/platform/bus.ts';
import type { Database } from '../src/platform/db.ts';
import { ApiRouter, errorHandler, notFoundHandler } from '../src/platform/http.ts';
import { createLog } from '../src/platform/log.ts';
import { createTestDatabase } from './database.ts';

// Creating a database takes seconds on a busy machine, and some tests start several hubs.
jest.setTimeout(120_000);

/** An answer as it came: parsed JSON, or '' where there was no body. */
export interface Answer<T = unknown> {
  status: number;
  headers: Headers;
  body: T;
  /** Names of the fields that a 400 complains of. */
  fields: string[];
}

/** Serves an ApiRouter with real Express on a free port of 127.0.0.1. */
export async function serveApi(
  api: ApiRouter,
  authenticate: Authenticate,
): Promise<{ url: string; close: () => Promise<void> }> {
  const app = express();
  app.use(express.json({ limit: '3mb' }), async (req, res, next) => {
    res.locals['requestId'] = 'request';
    res.locals['actor'] = await authenticate(req.headers);
    next();
  });
  app.use(api.router, notFoundHandler, errorHandler(createLog('silent')));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Calls endpoints with fixed headers; success bodies are checked against the contract, extra fields included. */
export class TestClient {
  readonly #url: string;
  readonly headers: Record<string, string>;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#url = url;
    this.headers = headers;
  }

  /** Calls a route as the contract has it. */
  async call<T extends AnyRoute>(route: T, call: RouteCall<T>): Promise<Answer<RouteOutput<T>>> {
    const answer = await this.send(route.method, urlOf(route, call.params, call.query), call.body);
    if (answer.status < 300) {
      if (answer.status !== route.status) throw new Error(`${route.name} answered ${answer.status}`);
      if (route.status !== 204) route.response.parse(answer.body);
    }
    return answer as Answer<RouteOutput<T>>;
  }

  /** Sends anything, also what the contract forbids. */
  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { ...this.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const parsed = (text === '' ? '' : JSON.parse(text)) as { fields?: { path: string }[] };
    const fields = (parsed.fields ?? []).map((field) => field.path);
    return { status: response.status, headers: response.headers, body: parsed, fields };
  }
}

/** A clock that stands still until it is moved. It starts at the real time, because cursors and tests compare with it. */
export class TestClock {
  #now = Date.now();
  readonly now = (): Date => new Date(this.#now);
  advance(ms: number): void {
    this.#now += ms;
  }
}

/** All account domains on a database of their own behind real HTTP. */
export interface AccountsHarness {
  url: string;
  db: Database;
  bus: Bus;
  clock: TestClock;
  instanceId: string;
  users: UsersDomain;
  sessions: SessionsDomain;
  tokens: TokensDomain;
  groups: GroupsDomain;
  settings: SettingsDomain;
  /** What the bus carried so far. */
  messages: BusMessage[];
  /** A client without any credential. */
  anonymous: TestClient;
  /** Creates a person and signs in: the client carries the session's cookie. */
  person(name: string, role?: Role): Promise<{ id: string; client: TestClient }>;
  close(): Promise<void>;
}

export const PASSWORD = 'correct horse battery';

interface HarnessOptions {
  onDeleted?: UsersDomainOptions['onDeleted'];
  insecureHttp?: boolean;
  /** As where servers run on a cluster. */
  hubPlacement?: Placement;
  limits?: Parameters<typeof createSessionsDomain>[0]['limits'];
}

/** Starts everything with one admin called `root` with PASSWORD. */
export async function startAccounts(options: HarnessOptions = {}): Promise<AccountsHarness> {
  const { db, drop } = await createTestDatabase();
  const bus = new Bus();
  const clock = new TestClock();
  const log = createLog('silent');
  const { id: instanceId } = await loadInstance(db);
  const insecureHttp = options.insecureHttp ?? false;
  const settings = createSettingsDomain({
    db,
    bus,
    clock,
    hub: { name: 'Davit', version: '0.0.0', insecureHttp },
    setupRequired: () => users.setup.required(),
  });
  const users = createUsersDomain({
    db,
    bus,
    clock,
    publicUrl: new URL('http://localhost:8000'),
    settings,
    endCredentials: [(userId, tx) => sessions.endOf(userId, tx), (userId, tx) => tokens.endOf(userId, tx)],
    onDeleted: [(userId, tx) => groups.removePerson(userId, tx), ...(options.onDeleted ?? [])],
    taughtBy: (userId) => groups.taughtBy(userId),
  });
  const groups = createGroupsDomain({ db, bus, clock, people: users.people, hubPlacement: options.hubPlacement });
  const tokens: TokensDomain = createTokensDomain({
    db,
    bus,
    clock,
    log,
    people: users.people,
    sessionExists: (id, tx) => sessions.exists(id, tx),
  });
  const sessions: SessionsDomain = createSessionsDomain({
    db,
    bus,
    clock,
    log,
    users,
    settings,
    tokens,
    instanceId,
    insecureHttp,
    usedBy: () => Promise.resolve({ servers: 1, cpu: 0.5, memoryMb: 512, gpu: 0 }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  const api = new ApiRouter();
  for (const domain of [settings, users, groups, tokens, sessions]) domain.routes(api);
  const { url, close } = await serveApi(api, sessions.authenticate);
  const messages: BusMessage[] = [];
  bus.subscribe((message) => messages.push(message));
  await users.setup.bootstrapAdmin('root', PASSWORD);
  const anonymous = new TestClient(url);
  const admin = await signedIn(url, 'root');
  return {
    url,
    db,
    bus,
    clock,
    instanceId,
    users,
    sessions,
    tokens,
    groups,
    settings,
    messages,
    anonymous,
    person: async (name, role = 'user') => {
      if (name === 'root') return { id: '', client: admin };
      const created = await admin.send('POST', '/api/v1/users', { name, role, password: PASSWORD });
      if (created.status !== 201) throw new Error(JSON.stringify(created.body));
      return { id: (created.body as { id: string }).id, client: await signedIn(url, name) };
    },
    close: async () => {
      sessions.dispose();
      await close();
      await drop();
    },
  };
}

/** The Cookie header that a sign-in answer asks for. */
export function cookieOf(answer: Answer): string {
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

async function signedIn(url: string, name: string): Promise<TestClient> {
  const answer = await new TestClient(url).send('POST', '/api/v1/sessions', { name, password: PASSWORD });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return new TestClient(url, { cookie: cookieOf(answer) });
}
