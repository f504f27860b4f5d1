export { Proxy, SERVER_OPTIONS, type ProxyOptions } from './proxy.ts';
export type { ServerTarget, Targets } from './targets.ts';
