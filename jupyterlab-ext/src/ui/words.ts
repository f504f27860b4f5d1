import { formatMemory } from '@davit/ui';
import type { Resources, ServerPhase } from '@davit/contract';
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

/** `4 CPU · 16 GiB · 1 GPU`. */
export function sizeText({ cpu, memoryMb, gpu }: Resources, trans: TranslationBundle): string {
  const parts = [trans.__('%1 CPU', cpu), formatMemory(memoryMb)];
  if (gpu > 0) parts.push(trans.__('%1 GPU', gpu));
  return parts.join(' · ');
}

/** `4 CPU, 16 GiB and 1 GPU`, for what a release gave back. */
export function freedText(resources: Resources, trans: TranslationBundle): string {
  return trans.__('Freed: %1', sizeText(resources, trans));
}
