import { trim } from '@davit/ui';
import type { UsageTotals } from '@davit/contract';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

const HOUR = 60;

/** Hours of containers, cores, memory and cards. */
export function Figures({
  totals,
  trans,
}: {
  totals: Omit<UsageTotals, 'since'>;
  trans: TranslationBundle;
}): ReactElement {
  const figures = [
    [trans.__('hours'), totals.minutes],
    [trans.__('CPU core-hours'), totals.cpuCoreMinutes],
    [trans.__('memory GiB-hours'), totals.memoryGbMinutes],
    [trans.__('GPU card-hours'), totals.gpuCardMinutes],
  ] as const;
  return (
    <dl className="jp-davit-figures">
      {figures.map(([name, minutes]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{trim(minutes / HOUR)}</dd>
        </div>
      ))}
    </dl>
  );
}
