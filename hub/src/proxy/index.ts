export { Proxy, SERVER_OPTIONS, type ProxyOptions } from './proxy.ts';
export { InsideApi } from './insideApi.ts';
export { createServerApp } from './serverApp.ts';
export { ServerLive } from './serverLive.ts';
export type { ServerTarget } from './targets.ts';
