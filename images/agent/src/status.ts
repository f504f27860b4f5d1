import type { Activity } from './activity.ts';
import type { Busy, BusyCode } from './busy.ts';
import type { Usage } from './cgroup.ts';
import type { EditorState } from './editor.ts';
import type { GpuUse } from './gpu.ts';
import type { ListeningPort } from './ports.ts';

/** What the hub reads at `/__davit/status`. Times are ISO 8601; `null` means not known. Older images keep answering this. */
export interface AgentStatus {
  contract: 1;
  startedAt: string;
  /** By how much the clock was set since then, forward positive. Older agents do not tell. */
  clockStepMs: number;
  editors: EditorState[];
  memory: { usedBytes: number; limitBytes: number | null };
  oomKills: number;
  cpuUsageUs: number | null;
  /** Null where there is no card, or nothing was measured lately. */
  gpus: GpuUse[] | null;
  /** Where programs of the person listen. Older agents do not name them. */
  ports: ListeningPort[] | null;
  activity: {
    lastInputAt: string | null;
    pagesOpen: number;
    busy: boolean | null;
    busyReason: string | null;
    lastOutputAt: string | null;
    /** What kind of work goes on. Older agents name none of these three. */
    busyCode: BusyCode | null;
    /** The last moment at which it was busy or that was not known. */
    lastBusyAt: string;
    /** The last moment at which a page was open; null: none ever was. */
    lastPageAt: string | null;
  };
}

export interface StatusParts {
  startedAt: number;
  clockStepMs: number;
  editors: EditorState[];
  usage: Usage;
  gpus: GpuUse[] | null;
  ports: ListeningPort[] | null;
  /** Limit to report where the control group names none. */
  memoryLimitBytes: number | undefined;
  activity: Pick<Activity, 'lastInputAt' | 'pagesOpen' | 'lastPageAt'>;
  busy: Busy;
  lastBusyAt: number;
  /** Keys that programs in terminals read, whichever editor opened those. */
  terminalInputAt: number | undefined;
}

export function agentStatus(parts: StatusParts): AgentStatus {
  const {
    startedAt,
    clockStepMs,
    editors,
    usage,
    gpus,
    ports,
    memoryLimitBytes,
    activity,
    busy,
    lastBusyAt,
    terminalInputAt,
  } = parts;
  const inputs = [activity.lastInputAt, terminalInputAt].filter((time) => time !== undefined);
  return {
    contract: 1,
    startedAt: new Date(startedAt).toISOString(),
    clockStepMs,
    editors,
    memory: { usedBytes: usage.memoryBytes ?? 0, limitBytes: usage.limitBytes ?? memoryLimitBytes ?? null },
    oomKills: usage.oomKills ?? 0,
    cpuUsageUs: usage.cpuUs ?? null,
    gpus,
    ports,
    activity: {
      lastInputAt: iso(inputs.length === 0 ? undefined : Math.max(...inputs)),
      pagesOpen: activity.pagesOpen,
      busy: busy.busy ?? null,
      busyReason: busy.reason ?? null,
      lastOutputAt: iso(busy.lastOutputAt),
      busyCode: busy.code ?? null,
      lastBusyAt: new Date(lastBusyAt).toISOString(),
      lastPageAt: iso(activity.lastPageAt),
    },
  };
}

function iso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
