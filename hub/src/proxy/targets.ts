import type { Target, Targets as ServerTargets } from '../domains/servers/index.ts';

/** One server as the proxy needs to know it. Its `secret` goes into no log and no answer. */
export type ServerTarget = Target;

/** Where servers are: the only source of addresses to dial. Nothing in a request ever becomes one. */
export type Targets = Pick<ServerTargets, 'find' | 'onChange' | 'inUse'>;

/** A value, or a promise of it when it is not at hand. The proxy's hot path never awaits what is at hand. */
export type MaybePromise<T> = T | Promise<T>;
