import type { Editor, ReleaseState, Server, ServerPort } from '@davit/contract';
import type { ServerRow } from './model.ts';

/** What a row does not hold itself. */
export interface Around {
  ownerName: string;
  imageName: string;
  readyEditors: readonly Editor[];
  ports: readonly ServerPort[] | undefined;
  release: ReleaseState | undefined;
}

/** A server as the API shows it. */
export function toServer(row: ServerRow, { ownerName, imageName, readyEditors, ports, release }: Around): Server {
  return {
    id: row.id,
    name: row.name,
    ownerId: row.ownerId,
    ownerName,
    imageId: row.imageId,
    imageName,
    phase: row.phase,
    reason: row.reason?.message ?? null,
    reasonDetail: row.reason,
    progress: row.progress,
    resources: { cpu: row.cpu, memoryMb: row.memoryMb, gpu: row.gpu },
    gpuIds: row.gpuIds,
    editors: row.editors,
    readyEditors: [...readyEditors],
    ports: ports === undefined ? null : [...ports],
    exitCode: row.exitCode,
    releasePolicy: row.releasePolicy,
    release: release ?? null,
    createdAt: row.createdAt.toISOString(),
    startedAt: timeOrNull(row.startedAt),
    readyAt: timeOrNull(row.readyAt),
    endedAt: timeOrNull(row.endedAt),
    generation: row.generation,
    version: row.version,
  };
}

function timeOrNull(time: Date | null): string | null {
  return time?.toISOString() ?? null;
}
