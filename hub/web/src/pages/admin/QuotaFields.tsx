import type { Quota } from '@davit/contract';
import { NumberField, trim } from '@davit/ui';
import type { ReactElement } from 'react';
import { useTexts } from '../../i18n/language.tsx';

export interface QuotaFieldsProps {
  /** Where the quota stands in the request: `quota`. */
  name: string;
  value: Partial<Quota>;
  /** What holds where a field is empty; without it no field may be. */
  fallback?: Quota;
  onChange: (value: Partial<Quota>) => void;
}

/** Servers, CPU, memory (in GiB) and GPU of a quota; an emptied field is left out. */
export function QuotaFields({ name, value, fallback, onChange }: QuotaFieldsProps): ReactElement {
  const { users: words } = useTexts();
  const field = (key: keyof Quota, label: string, step: number, unit = 1): ReactElement => {
    const own = value[key];
    const role = fallback?.[key];
    return (
      <NumberField
        label={label}
        name={`${name}.${key}`}
        value={own === undefined ? NaN : own / unit}
        min={0}
        step={step}
        placeholder={role === undefined ? undefined : words.fromRole(trim(role / unit))}
        onChange={(next) =>
          onChange({ ...value, [key]: Number.isNaN(next) ? undefined : Math.round(next * unit * 10) / 10 })
        }
      />
    );
  };
  return (
    <div className="quota-fields">
      {field('servers', words.maxServers, 1)}
      {field('cpu', words.maxCpu, 0.5)}
      {field('memoryMb', words.maxMemory, 0.5, 1024)}
      {field('gpu', words.maxGpu, 1)}
    </div>
  );
}
