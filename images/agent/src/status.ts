import type { Activity } from './activity.ts';
import type { Busy } from './busy.ts';
import type { Usage } from './cgroup.ts';
import type { EditorState } from './editor.ts';
import type { GpuUse } from './gpu.ts';

/** What the hub reads at `/__davit/status`. Times are ISO 8601; `null` means not known. Older images keep answering this. */
export interface AgentStatus {
  contract: 1;
  startedAt: string;
  editors: EditorState[];
  memory: { usedBytes: number; limitBytes: number | null };
  oomKills: number;
  cpuUsageUs: number | null;
  /** Null where there is no card, or nothing was measured lately. */
  gpus: GpuUse[] | null;
  activity: {
    lastInputAt: string | null;
    pagesOpen: number;
    busy: boolean | null;
    busyReason: string | null;
    lastOutputAt: string | null;
  };
}

export interface StatusParts {
  startedAt: number;
  editors: EditorState[];
  usage: Usage;
  gpus: GpuUse[] | null;
  /** Limit to report where the control group names none. */
  memoryLimitBytes: number | undefined;
  activity: Pick<Activity, 'lastInputAt' | 'pagesOpen'>;
  busy: Busy;
}

export function agentStatus({
  startedAt,
  editors,
  usage,
  gpus,
  memoryLimitBytes,
  activity,
  busy,
}: StatusParts): AgentStatus {
  return {
    contract: 1,
    startedAt: new Date(startedAt).toISOString(),
    editors,
    memory: { usedBytes: usage.memoryBytes ?? 0, limitBytes: usage.limitBytes ?? memoryLimitBytes ?? null },
    oomKills: usage.oomKills ?? 0,
    cpuUsageUs: usage.cpuUs ?? null,
    gpus,
    activity: {
      lastInputAt: iso(activity.lastInputAt),
      pagesOpen: activity.pagesOpen,
      busy: busy.busy ?? null,
      busyReason: busy.reason ?? null,
      lastOutputAt: iso(busy.lastOutputAt),
    },
  };
}

function iso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
