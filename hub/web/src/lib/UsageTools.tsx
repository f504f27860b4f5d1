import { exportUsage, urlOf, type UsageQuery } from '@davit/contract';
import { Icon, Select } from '@davit/ui';
import type { ReactElement } from 'react';
import { useSearchParams } from 'react-router';
import { useTexts } from '../i18n/language.tsx';
import { PRESETS, timeZone, type Preset, type Range } from './usageRange.ts';

type Choice = Preset | 'own';

/** Which days, and the same as a file. */
export function UsageTools({
  range,
  file,
}: {
  range: Range & { preset?: Preset };
  file: Partial<UsageQuery>;
}): ReactElement {
  const { usage } = useTexts();
  const [, setSearch] = useSearchParams();
  const { from, to, preset } = range;
  const set = (changes: Partial<Record<'from' | 'to' | 'days', string>>): void =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        for (const key of ['from', 'to', 'days']) next.delete(key);
        for (const [key, value] of Object.entries(changes)) next.set(key, value);
        return next;
      },
      { replace: true },
    );
  return (
    <>
      <Select<Choice>
        label={usage.range}
        hideLabel
        value={preset ?? 'own'}
        options={[...PRESETS.map((id) => ({ id, text: usage.presets[id] })), { id: 'own', text: usage.ownRange }]}
        onChange={(id) => set(id === 'own' ? { from, to } : { days: id })}
      />
      {preset === undefined && (
        <span className="usage-days">
          <DayField label={usage.from} value={from} max={to} onChange={(day) => set({ from: day, to })} />
          <span aria-hidden="true">–</span>
          <DayField label={usage.to} value={to} min={from} onChange={(day) => set({ from, to: day })} />
        </span>
      )}
      <a
        className="davit-button davit-button-default"
        href={urlOf(exportUsage, undefined, { by: 'server-day', from, to, timeZone: timeZone(), ...file })}
        download
      >
        <Icon name="download" />
        <span>{usage.csv}</span>
      </a>
    </>
  );
}

interface DayFieldProps {
  label: string;
  value: string;
  min?: string;
  max?: string;
  onChange: (day: string) => void;
}

/** The browser's own field for a day, which every system has in the reader's way of writing. */
function DayField({ label, value, min, max, onChange }: DayFieldProps): ReactElement {
  return (
    <input
      className="davit-input usage-day"
      type="date"
      aria-label={label}
      value={value}
      min={min}
      max={max}
      onChange={(event) => {
        if (event.target.value !== '') onChange(event.target.value);
      }}
    />
  );
}
