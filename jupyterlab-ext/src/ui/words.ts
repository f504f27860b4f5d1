import { formatDuration, formatMemory, type StatusKind, type TimeUnits } from '@davit/ui';
import type { AliveCode, ReleasePolicy, ReleaseState, Resources, ServerPhase } from '@davit/contract';
import type { TranslationBundle } from '@jupyterlab/translation';

/** What a phase is called. */
export function phaseText(phase: ServerPhase, trans: TranslationBundle): string {
  const texts: Record<ServerPhase, string> = {
    stopped: trans.__('stopped'),
    'awaiting-approval': trans.__('waits for approval'),
    queued: trans.__('waiting'),
    starting: trans.__('starting'),
    running: trans.__('running'),
    stopping: trans.__('stopping'),
    failed: trans.__('failed'),
    unknown: trans.__('not known'),
    deleting: trans.__('being deleted'),
  };
  return texts[phase];
}

/** The dot of each phase. */
export const PHASE_DOT: Record<ServerPhase, StatusKind> = {
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

/** `4 CPU · 16 GiB · 1 GPU`. */
export function sizeText({ cpu, memoryMb, gpu }: Resources, trans: TranslationBundle): string {
  const parts = [trans.__('%1 CPU', cpu), formatMemory(memoryMb)];
  if (gpu > 0) parts.push(trans.__('%1 GPU', gpu));
  return parts.join(' · ');
}

/** What a policy does, in words. */
export function policyText(policy: ReleasePolicy, trans: TranslationBundle): string {
  if (policy === 'automatic') return trans.__('5 minutes after the last page closed');
  if (policy === 'manual') return trans.__('only by hand');
  const count = Number.parseInt(policy, 10);
  return policy.endsWith('d')
    ? trans.__('%1 days after you leave', count)
    : trans.__('%1 hours after you leave', count);
}

/** Why a server is kept. */
function aliveText(code: AliveCode, trans: TranslationBundle): string {
  const texts: Record<AliveCode, string> = {
    manual: trans.__('released by hand only'),
    input: trans.__('you are at work'),
    'page-open': trans.__('a page is open'),
    'kernel-busy': trans.__('a kernel is busy'),
    'terminal-output': trans.__('a terminal is busy'),
    'cpu-busy': trans.__('the CPU is busy'),
    'gpu-busy': trans.__('the GPU is busy'),
    keep: trans.__('you asked to keep it'),
    unknown: trans.__('its activity is not known'),
    leaving: trans.__('nobody is there'),
    saving: trans.__('it is being saved'),
  };
  return texts[code];
}

/** When the server is released, or why not: one line of the panel. */
export function releaseText(
  { releaseAt, policy, because }: ReleaseState,
  now: number,
  units: TimeUnits,
  trans: TranslationBundle,
): string {
  if (releaseAt !== null) {
    const left = formatDuration(Date.parse(releaseAt) - now, units);
    return trans.__('Released in %1: %2', left, aliveText(because.code, trans));
  }
  if (policy === 'manual') return trans.__('Released by hand only');
  return trans.__('Released %1; kept now: %2', policyText(policy, trans), aliveText(because.code, trans));
}

/** `4 CPU, 16 GiB and 1 GPU`, for what a release gave back. */
export function freedText(resources: Resources, trans: TranslationBundle): string {
  return trans.__('Freed: %1', sizeText(resources, trans));
}
