export { Proxy, SERVER_OPTIONS, type ProxyOptions } from './proxy.ts';
export type { ServerTarget } from './targets.ts';
