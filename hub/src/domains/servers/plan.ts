import { isDeepStrictEqual } from 'node:util';
import type { Reason } from '@davit/contract';
import type { AgentStatus } from './agentClient.ts';
import { percentOf, type DiskUse } from './diskWatch.ts';
import type { ServerPatch, ServerRow } from './model.ts';
import * as words from './reasons.ts';
import type { ObservedServer } from './spawner.ts';

/** What the hub knows from the agent of a running container. */
export interface AgentView {
  /** Since when this hub asks. */
  since: Date;
  answeredAt: Date | undefined;
  status: AgentStatus | undefined;
  /** When this hub first heard of the newest out-of-memory kill; the agent tells the number alone. */
  oomKilledAt: Date | undefined;
}

/** One server as wanted and as seen. */
export interface ServerView {
  row: ServerRow;
  /** Its containers of all generations. */
  containers: readonly ObservedServer[];
  agent: AgentView | undefined;
  /** What it has written to its own layer, where that is watched. */
  disk: DiskUse | undefined;
  /** Since when its known container is not in the engine's list any more. */
  missingSince: Date | undefined;
  /** Not to be started before, because the engine failed lately. */
  retryAt: Date | undefined;
}

/** How a run ended, as it is written before its container is removed. */
export interface RunEnd {
  endedAt: Date;
  exitCode: number | undefined;
  reason: string;
}

/**
 * What brings a server nearer to what is wanted. `update` only writes the row: `opens` is a container whose run begins,
 * `closes` ends the run of one that is gone. `start` makes the container, `retire` records the end of one and removes it.
 */
export type Action =
  | { kind: 'update'; row: ServerRow; patch: ServerPatch; opens?: ObservedServer; closes?: RunEnd }
  | { kind: 'start'; row: ServerRow }
  | { kind: 'retire'; row: ServerRow; container: ObservedServer; end: RunEnd; patch: ServerPatch };

/** Milliseconds. */
export interface Timing {
  /** A known container must be missing so long before it counts as lost: a list may be a moment old. */
  lostAfter: number;
  /** A start whose editors are not ready after so long has failed. */
  startTimeout: number;
  /** An agent that answered before may be silent so long before the server is called unknown. */
  silentAfter: number;
  /** A program that was killed for lack of memory is told so long while the server goes on. */
  memoryTold: number;
  /** An editor that ended so often before it was ever ready will not come up. */
  crashLimit: number;
}

export const DEFAULT_TIMING: Timing = {
  lostAfter: 10_000,
  startTimeout: 300_000,
  silentAfter: 120_000,
  memoryTold: 3_600_000,
  crashLimit: 5,
};

/** Percent of the disk limit from which its owner is warned. */
const DISK_WARNING = 90;
/** A new hub asks at least so long before it calls a start too slow: the time before it came is not the server's fault. */
const FAIR_CHANCE = 60_000;

/** The next action for one server, undefined when it is as it should be. Knows nothing of time but `now`. */
export function plan(view: ServerView, now: Date, timing: Timing = DEFAULT_TIMING): Action | undefined {
  const { row, containers } = view;
  const outdated = containers.find((container) => container.generation < row.generation);
  if (outdated !== undefined) return retire(row, outdated, now, row.desired === 'running' ? 'replaced' : endOf(row));
  const current = currentOf(view);
  if (row.desired === 'running') return planRunning(view, current, now, timing);
  return current === undefined ? finish(row, now) : retire(row, current, now, endOf(row));
}

/** The container of the wanted generation; a known one before another that says the same of itself. */
export function currentOf({ row, containers }: Pick<ServerView, 'row' | 'containers'>): ObservedServer | undefined {
  const same = containers.filter((container) => container.generation === row.generation);
  return same.find((container) => container.ref.engineId === row.engineId) ?? same[0];
}

/** What a row says while the engine does not answer: what runs is unknown, what waits tells why. Nothing else changes. */
export function planUnreachable(row: ServerRow): Action | undefined {
  if (row.phase === 'failed' || row.phase === 'stopped') return undefined;
  // A release stays told: nobody but its policy ended the server, and its person was not there.
  if (isReleased(row)) return undefined;
  const runs = row.desired === 'running' && row.engineId !== null;
  return update(row, { ...(runs ? { phase: 'unknown' } : {}), reason: words.engineUnreachable() });
}

/** The patch of a server that has failed; its container, if there still is one, keeps the resources until it is gone. */
export function failedPatch(reason: Reason, now: Date, exitCode?: number): ServerPatch {
  return { desired: 'stopped', phase: 'failed', reason, progress: null, exitCode: exitCode ?? null, endedAt: now };
}

const RELEASED: ServerPatch = { reserved: false, admittedAt: null, queuedAt: null, gpuIds: [], engineId: null };

function planRunning(
  view: ServerView,
  current: ObservedServer | undefined,
  now: Date,
  timing: Timing,
): Action | undefined {
  const { row, retryAt } = view;
  if (current?.state === 'running') return planLive(view, current, now, timing);
  if (current?.state === 'exited') return planExited(view, current, now);
  if (current === undefined && row.engineId !== null) return planMissing(view, now, timing);
  if (current?.reason !== undefined) return planWaiting(row, current, current.reason, now);
  const waits = row.admittedAt === null || (retryAt !== undefined && retryAt > now);
  return waits ? undefined : { kind: 'start', row };
}

/** The engine is at work on it, and says at what. */
function planWaiting(row: ServerRow, container: ObservedServer, reason: Reason, now: Date): Action | undefined {
  return update(row, { ...adopt(row, container, now), phase: 'starting', reason, progress: null });
}

function adopt(row: ServerRow, container: ObservedServer, now: Date): ServerPatch {
  return { engineId: container.ref.engineId, admittedAt: row.admittedAt ?? now, reserved: true };
}

function planMissing({ row, missingSince }: ServerView, now: Date, timing: Timing): Action | undefined {
  if (missingSince === undefined || now.getTime() - missingSince.getTime() < timing.lostAfter) return undefined;
  const closes = { endedAt: missingSince, exitCode: undefined, reason: 'lost' };
  return { kind: 'update', row, patch: { ...failedPatch(words.lost(), missingSince), ...RELEASED }, closes };
}

function planExited({ row, agent }: ServerView, container: ObservedServer, now: Date): Action {
  const killed = container.exitCode === 137 && (agent?.status?.oomKills ?? 0) > 0;
  const reason =
    container.outOfMemory === true || killed
      ? words.outOfMemory(row.memoryMb)
      : (container.reason ?? words.exited(container.exitCode));
  return fail(row, container, now, reason);
}

function fail(row: ServerRow, container: ObservedServer, now: Date, reason: Reason): Action {
  const endedAt = container.finishedAt ?? now;
  const patch = { ...failedPatch(reason, endedAt, container.exitCode), ...startOf(row, container) };
  return { ...retire(row, container, now, reason.code), patch };
}

/** A running container: adopt it, then say what the agent tells. */
function planLive(view: ServerView, container: ObservedServer, now: Date, timing: Timing): Action | undefined {
  const { row } = view;
  const known = row.engineId === container.ref.engineId && row.startedAt !== null && row.admittedAt !== null;
  const { reason: unknown } = container;
  const hopeless = unknown === undefined ? (overDiskReason(view) ?? hopelessReason(view, now, timing)) : undefined;
  if (hopeless !== undefined) return fail(row, container, now, hopeless);
  const phase: ServerPatch =
    unknown === undefined ? livePatch(view, now, timing) : { phase: 'unknown', reason: unknown, progress: null };
  if (known) return update(row, phase);
  const patch = { ...adopt(row, container, now), ...startOf(row, container), ...phase };
  return { kind: 'update', row, patch, opens: container };
}

function startOf(row: ServerRow, container: ObservedServer): ServerPatch {
  const startedAt = container.startedAt ?? row.startedAt;
  return startedAt === null ? {} : { startedAt };
}

/** Why a start will never succeed. A server that was ready once is never ended for this: other work may live in it. */
function hopelessReason({ row, agent }: ServerView, now: Date, timing: Timing): Reason | undefined {
  if (row.readyAt !== null || agent === undefined || isReady(row, agent.status)) return undefined;
  return crashReason(row, agent.status, timing) ?? slowReason(row, agent, now, timing);
}

/** At least one editor answers; where the image has none, the agent does. */
function isReady(row: ServerRow, status: AgentStatus | undefined): boolean {
  if (row.editors.length === 0) return status !== undefined;
  return declared(row, status).some((editor) => editor.phase === 'ready');
}

function crashReason(row: ServerRow, status: AgentStatus | undefined, timing: Timing): Reason | undefined {
  const editors = declared(row, status);
  const all = editors.length > 0 && editors.length === row.editors.length;
  if (!all || editors.some((editor) => editor.restarts < timing.crashLimit)) return undefined;
  return (status?.oomKills ?? 0) > 0 ? words.outOfMemory(row.memoryMb) : crashWords(row, editors);
}

function crashWords(row: ServerRow, editors: AgentStatus['editors']): Reason {
  const said = editors.find((editor) => editor.message !== undefined)?.message;
  return words.editorFailed(row.editors, Math.max(0, ...editors.map((editor) => editor.restarts)), said);
}

function slowReason(row: ServerRow, agent: AgentView, now: Date, timing: Timing): Reason | undefined {
  const limit = timing.startTimeout;
  const slow = row.startedAt !== null && now.getTime() - row.startedAt.getTime() > limit;
  const asked = now.getTime() - agent.since.getTime() > Math.min(FAIR_CHANCE, limit);
  return slow && asked ? words.tooSlow(row.editors, Math.round(limit / 60_000)) : undefined;
}

/** Above the limit a server is ended, whatever lives in it: it would fill the machine's disk and so break everybody's. */
function overDiskReason({ disk }: ServerView): Reason | undefined {
  return disk !== undefined && disk.usedMb > disk.limitMb ? words.diskLimit(disk.limitMb) : undefined;
}

function livePatch({ row, agent, disk }: ServerView, now: Date, timing: Timing): ServerPatch {
  const status = agent?.status;
  const heard = agent?.answeredAt ?? agent?.since;
  const silent = heard !== undefined && now.getTime() - heard.getTime() > timing.silentAfter;
  if (row.readyAt !== null && silent) return { phase: 'unknown', reason: words.agentSilent(), progress: null };
  const reason = diskWarning(disk) ?? memoryWarning({ row, agent }, now, timing) ?? null;
  const running: ServerPatch = { phase: 'running', reason, progress: null, readyAt: row.readyAt ?? now };
  // Nothing heard yet, as right after the hub's own start: what was ready stays so.
  if (status === undefined) return row.readyAt === null ? starting(words.startingEditor(row.editors)) : running;
  if (isReady(row, status)) return running;
  const editors = declared(row, status);
  const crashes = editors.some((editor) => editor.restarts >= timing.crashLimit);
  return starting(crashes ? crashWords(row, editors) : words.startingEditor(row.editors));
}

function diskWarning(disk: DiskUse | undefined): Reason | undefined {
  if (disk === undefined || percentOf(disk) < DISK_WARNING) return undefined;
  return words.diskNearlyFull(percentOf(disk), disk.limitMb);
}

/** A running server that lost a program for lack of memory, a notebook's kernel say: its owner sees no other sign of it. */
function memoryWarning(
  { row, agent }: Pick<ServerView, 'row' | 'agent'>,
  now: Date,
  timing: Timing,
): Reason | undefined {
  // Until the agent answers a hub that just came, what was told stays so.
  if (agent?.status === undefined) return row.reason?.code === 'out-of-memory' ? row.reason : undefined;
  const at = agent.oomKilledAt;
  if (at === undefined || now.getTime() - at.getTime() >= timing.memoryTold) return undefined;
  return words.programOutOfMemory(row.memoryMb, agent.status.oomKills);
}

function starting(reason: Reason): ServerPatch {
  return { phase: 'starting', reason, progress: null };
}

/** The agent's word on editors that the image declares; what else it names is not believed. */
function declared(row: ServerRow, status: AgentStatus | undefined): AgentStatus['editors'] {
  return (status?.editors ?? []).filter((editor) => row.editors.some((name) => name === editor.name));
}

function retire(row: ServerRow, container: ObservedServer, now: Date, reason: string): Action & { kind: 'retire' } {
  const end = { endedAt: container.finishedAt ?? now, exitCode: container.exitCode, reason };
  const patch = row.reason?.code === 'engine-unreachable' ? { reason: null } : {};
  return { kind: 'retire', row, container, end, patch };
}

/** How the run of a server ends that nobody wants to run any more. */
function endOf(row: ServerRow): string {
  return isReleased(row) ? 'released' : row.desired;
}

function isReleased(row: ServerRow): boolean {
  return row.desired === 'stopped' && row.reason?.code === 'released';
}

/** No container is left of a server that nobody wants: free what it held. A failure stays told. */
function finish(row: ServerRow, now: Date): Action | undefined {
  const closes = { endedAt: now, exitCode: undefined, reason: endOf(row) };
  const gone = row.engineId === null ? {} : { closes };
  if (row.desired === 'deleted') {
    return { kind: 'update', row, patch: { ...RELEASED, phase: 'deleting', reason: null, deletedAt: now }, ...gone };
  }
  const failed = row.phase === 'failed';
  const rest: ServerPatch = failed
    ? {}
    : {
        phase: 'stopped',
        reason: isReleased(row) ? row.reason : null,
        progress: null,
        endedAt: row.startedAt === null ? row.endedAt : now,
      };
  if (!row.reserved && (failed || row.phase === 'stopped')) return undefined;
  return { kind: 'update', row, patch: { ...RELEASED, ...rest }, ...gone };
}

/** An update, unless the row says all that already. */
function update(row: ServerRow, patch: ServerPatch): Action | undefined {
  // By value and not as text: jsonb comes back with its keys in another order, and each tick would write the row anew.
  const differs = Object.entries(patch).some(
    ([key, value]) => !isDeepStrictEqual(value, row[key as keyof ServerPatch]),
  );
  return differs ? { kind: 'update', row, patch } : undefined;
}
