export { ForwardError } from './errors.ts';
export type { ForwardErrorCode } from './errors.ts';
export { Forwarder } from './forwarder.ts';
export type { ForwarderOptions, ForwardOptions, ForwardResult, ResponseHeaders, Target } from './types.ts';
