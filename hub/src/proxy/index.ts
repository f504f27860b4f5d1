export { Proxy, SERVER_OPTIONS, type ProxyOptions } from './proxy.ts';
export type { MaybePromise, ServerTarget, Targets } from './targets.ts';
