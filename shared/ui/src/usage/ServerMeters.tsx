import type { Sample, ServerMetrics } from '@davit/contract';
import type { ReactElement } from 'react';
import { formatBytes, formatCores, trim } from '../format.ts';
import { Sparkline } from './Sparkline.tsx';
import type { UsageTexts } from './usageTexts.ts';

export interface ServerMetersProps {
  texts: UsageTexts;
  metrics: ServerMetrics;
  /** On one line, as in a list of servers. */
  compact?: boolean;
}

type Use = 'cpu' | 'memory' | 'gpu';

interface Course {
  use: Use;
  max: number;
  value: (sample: Sample) => number | null;
  text: (sample: Sample) => string | undefined;
}

/** What a running server uses of what it has; cards only where it has any. */
export function ServerMeters({ texts, metrics, compact = false }: ServerMetersProps): ReactElement {
  const last = metrics.samples.at(-1);
  return (
    <div className={compact ? 'davit-meters davit-meters-compact' : 'davit-meters'}>
      {coursesOf(metrics, texts).map(({ use, max, value, text }) => {
        const name = texts.metrics[use];
        const now = last === undefined ? texts.measuring : (text(last) ?? notYet(metrics.samples, value, texts));
        const points = metrics.samples.map((sample) => ({ at: Date.parse(sample.at), value: value(sample) }));
        return (
          <div className="davit-meters-one" key={use}>
            <span className="davit-meters-name">{name}</span>
            <Sparkline points={points} max={max} label={texts.course(name, now)} />
            <span className="davit-meters-now">{now}</span>
          </div>
        );
      })}
    </div>
  );
}

/** CPU needs two looks; what never was measured is not going to be. */
function notYet(samples: readonly Sample[], value: Course['value'], texts: UsageTexts): string {
  return samples.length < 2 || samples.some((sample) => value(sample) !== null) ? texts.measuring : texts.unmeasured;
}

function coursesOf({ limits }: ServerMetrics, texts: UsageTexts): Course[] {
  const courses: Course[] = [
    {
      use: 'cpu',
      max: limits.cpu,
      value: ({ cpu }) => cpu,
      text: ({ cpu }) => (cpu === null ? undefined : texts.use.cpu(formatCores(cpu), trim(limits.cpu))),
    },
    {
      use: 'memory',
      max: limits.memoryBytes,
      value: ({ memoryBytes }) => memoryBytes,
      text: ({ memoryBytes }) =>
        memoryBytes === null ? undefined : texts.use.memory(formatBytes(memoryBytes), formatBytes(limits.memoryBytes)),
    },
    { use: 'gpu', max: 1, value: ({ gpu }) => gpu, text: (sample) => gpuText(sample, texts) },
  ];
  return limits.gpu > 0 ? courses : courses.filter(({ use }) => use !== 'gpu');
}

function gpuText({ gpu, gpuMemoryBytes }: Sample, { use }: UsageTexts): string | undefined {
  if (gpu === null) return undefined;
  const percent = Math.round(gpu * 100);
  return gpuMemoryBytes === null ? use.gpu(percent) : use.gpuWithMemory(percent, formatBytes(gpuMemoryBytes));
}
