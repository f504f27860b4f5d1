import {
  getRelease,
  getServer,
  getServerMetrics,
  getUsageSummary,
  listImageJobs,
  listImages,
  listUsage,
  type AnyRoute,
  type ApiClient,
  type EventType,
  type Image,
  type ImageJob,
  type Page,
  type ReleasePolicy,
  type Server,
  type ServerMetrics,
  type UsageRow,
  type UsageSummary,
} from '@davit/contract';
import type { Clock } from '../base/clock.ts';
import { disposeAll, type Disposable } from '../base/signal.ts';
import type { Hub } from './hub.ts';
import { Resource } from './resource.ts';

/** A list longer than this is cut: a panel is no place for more. */
const MAX_PAGES = 5;

/** Everything the views show of the hub, each asked for only while somebody looks at it. */
export interface Model extends Disposable {
  server: Resource<Server>;
  allowedPolicies: Resource<ReleasePolicy[]>;
  metrics: Resource<ServerMetrics>;
  images: Resource<Image[]>;
  jobs: Resource<ImageJob[]>;
  usage: Resource<UsageSummary>;
  usageByServer: Resource<UsageRow[]>;
  /** IANA name of the zone whose days count in the usage; setting another asks anew. */
  timeZone: string;
}

/** Which resources an event makes old. */
const OUTDATED_BY: Partial<Record<EventType, (keyof Omit<Model, 'dispose' | 'timeZone'>)[]>> = {
  server: ['server', 'allowedPolicies', 'images'],
  image: ['images'],
  'image-job': ['jobs'],
  settings: ['allowedPolicies'],
};

/** Builds the model on a hub's connection. Until a page tells the person's time zone, days are the server's. */
export function createModel(hub: Hub, call: ApiClient, clock: Clock): Model {
  let { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const me = () => {
    if (!('info' in hub.state)) throw new Error('not connected');
    return { id: hub.state.info.server.id };
  };
  const resources = {
    server: new Resource(() => call(getServer, { params: me() }), clock),
    allowedPolicies: new Resource(async () => (await call(getRelease, { params: me() })).allowed, clock),
    metrics: new Resource(() => call(getServerMetrics, { params: me() }), clock),
    images: new Resource(() => library(call), clock),
    jobs: new Resource(async () => (await call(listImageJobs, { query: { limit: 20 } })).items, clock),
    usage: new Resource(() => call(getUsageSummary, { query: { timeZone } }), clock),
    usageByServer: new Resource(async () => (await pages(call, listUsage, { by: 'server', timeZone })).items, clock),
  };
  const all = Object.values(resources);
  const open = () => {
    for (const one of all) one.setOpen(hub.state.phase === 'connected');
  };
  const subscriptions = [
    hub.stateChanged.on(open),
    hub.missed.on(() => {
      for (const one of all) one.outdate();
    }),
    hub.change.on(({ type }) => {
      for (const key of OUTDATED_BY[type] ?? []) resources[key].outdate();
    }),
  ];
  open();
  return {
    ...resources,
    get timeZone() {
      return timeZone;
    },
    set timeZone(zone: string) {
      if (zone === timeZone) return;
      timeZone = zone;
      resources.usage.outdate();
      resources.usageByServer.outdate();
    },
    dispose: () => {
      disposeAll(subscriptions);
      for (const one of all) one.dispose();
    },
  };
}

type ListRoute = typeof listImages | typeof listUsage;

/** All images, or of too many the own ones first: those that are cut off must be others'. */
async function library(call: ApiClient): Promise<Image[]> {
  const all = await pages(call, listImages, {});
  if (all.isAll) return all.items;
  const own = await pages(call, listImages, { origin: 'own' });
  const ids = new Set(own.items.map(({ id }) => id));
  return [...own.items, ...all.items.filter(({ id }) => !ids.has(id))];
}

async function pages<R extends ListRoute>(
  call: ApiClient,
  route: R,
  query: object,
): Promise<{ items: Items<R>[]; isAll: boolean }> {
  const items: Items<R>[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = (await call(route as AnyRoute, {
      query: { ...query, limit: 200, cursor },
    })) as Page<Items<R>>;
    items.push(...answer.items);
    if (answer.nextCursor === null) return { items, isAll: true };
    cursor = answer.nextCursor;
  }
  return { items, isAll: false };
}

type Items<R> = R extends typeof listImages ? Image : UsageRow;
