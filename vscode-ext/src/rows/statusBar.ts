import { shouldWarn } from '@davit/ui/plain';
import { trim } from '@davit/ui/format';
import type { Server, ServerMetrics } from '@davit/contract';
import type { Language } from '../i18n/language.ts';
import { sizeOf, span } from './format.ts';
import { meters } from './meters.ts';
import { phaseText, releaseText } from './serverRows.ts';

/** The one item of the status bar; `warn` colours it. */
export interface StatusText {
  text: string;
  tooltip: string[];
  warn: boolean;
}

export interface StatusView {
  server: Server;
  metrics: ServerMetrics | undefined;
  /** The hub does not answer now. */
  lost: boolean;
}

/** Memory, GPU and time left on one short line; the tooltip says all. */
export function statusText({ server, metrics, lost }: StatusView, now: number, language: Language): StatusText {
  const { release } = server;
  const { texts } = language;
  const warn = shouldWarn(release, now);
  const measured = meters(server, metrics, language).filter(({ text }) => text !== undefined);
  const gpu = measured.find(({ id }) => id === 'gpu');
  const left = release?.releaseAt == null ? undefined : span(Date.parse(release.releaseAt) - now, language);
  const parts = [memoryText(metrics), gpu && `${gpu.label} ${gpu.text ?? ''}`, left].filter(
    (part) => part !== undefined,
  );
  return {
    text: [statusIcon(lost, warn), parts.length === 0 ? server.name : parts.join(' · ')].join(' '),
    tooltip: [
      texts.pair(server.name, phaseText(server, now, language)),
      sizeOf(server.resources, language),
      ...measured.map(({ label, text }) => texts.pair(label, text ?? '')),
      ...(release === null ? [] : [releaseText(release, now, language)]),
      ...(lost ? [texts.connection.lost] : []),
    ],
    warn,
  };
}

function statusIcon(lost: boolean, warn: boolean): string {
  if (lost) return '$(debug-disconnect)';
  return warn ? '$(warning)' : '$(vm-running)';
}

/** `3.2/16 GiB` */
function memoryText(metrics: ServerMetrics | undefined): string | undefined {
  const used = metrics?.samples.at(-1)?.memoryBytes;
  if (metrics === undefined || used == null) return undefined;
  return `${gib(used)}/${gib(metrics.limits.memoryBytes)} GiB`;
}

function gib(bytes: number): string {
  return trim(bytes / 1024 ** 3);
}
