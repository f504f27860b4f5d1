import type { ServerPhase } from '@davit/contract';
import type { StatusKind } from './Status.tsx';

/** The dot of each phase of a server. */
export const SERVER_STATUS: Record<ServerPhase, StatusKind> = {
  stopped: 'off',
  'awaiting-approval': 'waiting',
  queued: 'waiting',
  starting: 'busy',
  running: 'running',
  stopping: 'busy',
  failed: 'failed',
  unknown: 'unknown',
  deleting: 'busy',
};
