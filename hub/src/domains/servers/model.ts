import type { Editor, Placement, Reason, ReleasePolicy, ServerPhase } from '@davit/contract';

/** What its owner wants a server to be. A failed server is one that is not wanted any more: `stopped`. */
export type Desired = 'running' | 'stopped' | 'deleted';

/** A row of `servers`: what is wanted (`desired`, `generation`) and what was last seen of it. */
export interface ServerRow {
  id: string;
  ownerId: string;
  name: string;
  imageId: string;
  /** Content of the current generation; null until the image was found or built. */
  imageRef: string | null;
  imageDigest: string | null;
  /** Editors that the image declared when this generation was wanted. */
  editors: Editor[];
  /** Path in front of everything, as the container of this generation was told. */
  basePath: string;
  cpu: number;
  memoryMb: number;
  gpu: number;
  /** Cards held, from admission until the container is gone. */
  gpuIds: string[];
  /** Where this generation may run on a cluster, as it was when it was wanted; null where that does not matter. */
  placement: Placement | null;
  desired: Desired;
  /** Grows with each start; a container of an older generation is not wanted. */
  generation: number;
  phase: ServerPhase;
  reason: Reason | null;
  /** Percent, only where there are real steps. */
  progress: number | null;
  /** Counts in the owner's quota: from queued until the container is gone. */
  reserved: boolean;
  queuedAt: Date | null;
  /** Holds capacity of the machines since then; null while queued or stopped. */
  admittedAt: Date | null;
  /** The engine's own id of this generation's container, once it is known. */
  engineId: string | null;
  exitCode: number | null;
  createdAt: Date;
  startedAt: Date | null;
  readyAt: Date | null;
  endedAt: Date | null;
  deletedAt: Date | null;
  releasePolicy: ReleasePolicy;
  /** Not to be released before, because somebody asked so. */
  keepUntil: Date | null;
  /** What editors reported, written at most once a minute. */
  lastInputAt: Date | null;
  /** Since when nobody and nothing uses it, as last seen; null while something does. */
  leftAt: Date | null;
  /** Since when its person is warned of the release. */
  warnedAt: Date | null;
  version: number;
}

/** What may change in a row; null clears. */
export type ServerPatch = Partial<Omit<ServerRow, 'id' | 'ownerId' | 'createdAt' | 'version'>>;

/** A row of `server_runs`: the time of one container, by the engine's own clock where it tells. */
export interface RunRow {
  engineId: string;
  serverId: string;
  ownerId: string;
  generation: number;
  cpu: number;
  memoryMb: number;
  gpu: number;
  startedAt: Date | null;
  endedAt: Date | null;
  exitCode: number | null;
  /** `stopped`, `released`, `deleted`, `replaced`, or the code of a failure; null while it runs. */
  reason: string | null;
}

/** Column of each attribute; the one place where both names meet. */
export const SERVER_COLUMNS: Record<keyof ServerRow, string> = {
  id: 'id',
  ownerId: 'owner_id',
  name: 'name',
  imageId: 'image_id',
  imageRef: 'image_ref',
  imageDigest: 'image_digest',
  editors: 'editors',
  basePath: 'base_path',
  cpu: 'cpu',
  memoryMb: 'memory_mb',
  gpu: 'gpu',
  gpuIds: 'gpu_ids',
  placement: 'placement',
  desired: 'desired',
  generation: 'generation',
  phase: 'phase',
  reason: 'reason',
  progress: 'progress',
  reserved: 'reserved',
  queuedAt: 'queued_at',
  admittedAt: 'admitted_at',
  engineId: 'engine_id',
  exitCode: 'exit_code',
  createdAt: 'created_at',
  startedAt: 'started_at',
  readyAt: 'ready_at',
  endedAt: 'ended_at',
  deletedAt: 'deleted_at',
  releasePolicy: 'release_policy',
  keepUntil: 'keep_until',
  lastInputAt: 'last_input_at',
  leftAt: 'left_at',
  warnedAt: 'warned_at',
  version: 'version',
};

const JSON_COLUMNS: ReadonlySet<string> = new Set<keyof ServerRow>(['editors', 'gpuIds', 'placement', 'reason']);

/** A value as it is bound into SQL: jsonb goes as text. */
export function toColumn(key: string, value: unknown): unknown {
  return JSON_COLUMNS.has(key) && value !== null ? JSON.stringify(value) : value;
}
