import { formatBytes, formatCores, trim } from '@davit/ui/format';
import type { Sample, Server, ServerMetrics } from '@davit/contract';
import type { Language } from '../i18n/language.ts';
import { sparkline } from './format.ts';

/** One measured thing: the newest value in words, and a line of bars for the last minutes. */
export interface Meter {
  id: 'cpu' | 'memory' | 'gpu';
  label: string;
  icon: string;
  /** Undefined while nothing is measured. */
  text: string | undefined;
  bars: string;
}

/** CPU, memory and, where the server has cards, GPU. */
export function meters(server: Server, metrics: ServerMetrics | undefined, language: Language): Meter[] {
  const found = [cpuMeter(metrics, language), memoryMeter(metrics, language)];
  return server.resources.gpu === 0 ? found : [...found, gpuMeter(metrics, language)];
}

function cpuMeter(metrics: ServerMetrics | undefined, { texts }: Language): Meter {
  const used = newest(metrics, 'cpu');
  const limit = metrics?.limits.cpu ?? 0;
  const text = used === undefined ? undefined : texts.server.cpuOf(formatCores(used), trim(limit));
  return { id: 'cpu', label: texts.server.cpu, icon: 'pulse', text, bars: bars(metrics, 'cpu', limit) };
}

function memoryMeter(metrics: ServerMetrics | undefined, { texts }: Language): Meter {
  const used = newest(metrics, 'memoryBytes');
  const limit = metrics?.limits.memoryBytes ?? 0;
  const text = used === undefined ? undefined : texts.server.of(formatBytes(used), formatBytes(limit));
  return { id: 'memory', label: texts.server.memory, icon: 'chip', text, bars: bars(metrics, 'memoryBytes', limit) };
}

function gpuMeter(metrics: ServerMetrics | undefined, { texts }: Language): Meter {
  const load = newest(metrics, 'gpu');
  const text = load === undefined ? undefined : texts.server.gpuLoad(Math.round(load * 100));
  return { id: 'gpu', label: texts.server.gpu, icon: 'circuit-board', text, bars: bars(metrics, 'gpu', 1) };
}

type Measured = Exclude<keyof Sample, 'at'>;

function newest(metrics: ServerMetrics | undefined, key: Measured): number | undefined {
  return metrics?.samples.at(-1)?.[key] ?? undefined;
}

function bars(metrics: ServerMetrics | undefined, key: Measured, top: number): string {
  return sparkline(
    (metrics?.samples ?? []).map((sample) => sample[key]),
    top,
  );
}
