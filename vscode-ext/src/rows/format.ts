import { formatDuration, formatMemory, trim } from '@davit/ui/format';
import type { Resources } from '@davit/contract';
import type { Language } from '../i18n/language.ts';

const BARS = '▁▂▃▄▅▆▇█';

/** A line of small bars, each value against `top`; values that were not measured are left out. */
export function sparkline(values: readonly (number | null)[], top: number, width = 8): string {
  const known = values.filter((value) => value !== null).slice(-width);
  if (known.length < 2 || top <= 0) return '';
  return known.map((value) => BARS[Math.min(7, Math.max(0, Math.round((value / top) * 7)))]).join('');
}

/** `4 CPU · 16 GiB · 1 GPU` */
export function sizeOf({ cpu, memoryMb, gpu }: Resources, { texts }: Language): string {
  const parts = [texts.server.cores(trim(cpu)), formatMemory(memoryMb)];
  if (gpu > 0) parts.push(texts.server.gpus(gpu));
  return parts.join(' · ');
}

/** A span of time in the two largest units of the language. */
export function span(ms: number, { texts }: Language): string {
  return formatDuration(ms, texts.units);
}

/** A moment in full, with its zone: this runs in the server, whose clock is often not the one on the person's wall. */
export function exactTime(iso: string, { locale }: Language): string {
  return new Date(iso).toLocaleString(locale, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  });
}

/** Minutes as hours with at most one decimal; what is more than nothing never shows as nothing. */
export function hours(minutes: number): string {
  return minutes > 0 && minutes < 3 ? '< 0.1' : trim(minutes / 60);
}
