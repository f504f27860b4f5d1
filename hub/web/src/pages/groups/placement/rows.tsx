import { Button, IconButton, Select, TextField } from '@davit/ui';
import type { ReactElement, ReactNode } from 'react';
import { useTexts } from '../../../i18n/language.tsx';
import { doubled, EFFECTS, filled, nextRow, type LabelRow, type TolerationRow } from './draft.ts';

interface RowsProps<T> {
  rows: readonly T[];
  onChange: (rows: readonly T[]) => void;
}

/** Labels that a machine must have. */
export function LabelRows({ rows, onChange }: RowsProps<LabelRow>): ReactElement {
  const { placement: words } = useTexts();
  const twice = doubled(rows);
  return (
    <Rows
      title={words.labels}
      hint={words.labelsHint}
      add={words.addLabel}
      onAdd={() => onChange([...rows, { row: nextRow(rows), key: '', value: '' }])}
    >
      {rows.map((one) => (
        <div key={one.row} className="placement-row">
          <TextField
            label={words.key}
            name={`nodeSelector.${one.key.trim()}`}
            value={one.key}
            onChange={(key) => onChange(changed(rows, { ...one, key }))}
            error={twice.has(one.key.trim()) ? words.twice : undefined}
            maxLength={317}
            autoFocus={one.key === ''}
          />
          <TextField
            label={words.value}
            value={one.value}
            onChange={(value) => onChange(changed(rows, { ...one, value }))}
            maxLength={63}
          />
          <IconButton
            icon="close"
            label={words.removeLabel(one.key)}
            onPress={() => onChange(rows.filter(({ row }) => row !== one.row))}
          />
        </div>
      ))}
    </Rows>
  );
}

/** Taints beside which servers may run. */
export function TolerationRows({ rows, onChange }: RowsProps<TolerationRow>): ReactElement {
  const { placement: words } = useTexts();
  const sent = filled(rows);
  return (
    <Rows
      title={words.tolerations}
      hint={words.tolerationsHint}
      add={words.addToleration}
      onAdd={() => onChange([...rows, { row: nextRow(rows), key: '', value: '', effect: 'any' }])}
    >
      {rows.map((one) => (
        <div key={one.row} className="placement-row">
          <TextField
            label={words.key}
            name={`tolerations.${sent.indexOf(one)}.key`}
            value={one.key}
            onChange={(key) => onChange(changed(rows, { ...one, key }))}
            maxLength={317}
            autoFocus={one.key === ''}
          />
          <TextField
            label={words.value}
            name={`tolerations.${sent.indexOf(one)}.value`}
            value={one.value}
            onChange={(value) => onChange(changed(rows, { ...one, value }))}
            placeholder={words.anyValue}
            maxLength={63}
          />
          <Select
            label={words.effect}
            value={one.effect}
            options={EFFECTS.map((id) => ({ id, text: words.effects[id] }))}
            onChange={(effect) => onChange(changed(rows, { ...one, effect }))}
          />
          <IconButton
            icon="close"
            label={words.removeToleration(one.key)}
            onPress={() => onChange(rows.filter(({ row }) => row !== one.row))}
          />
        </div>
      ))}
    </Rows>
  );
}

interface RowsFrameProps {
  title: string;
  hint: string;
  add: string;
  onAdd: () => void;
  children: ReactNode;
}

function Rows({ title, hint, add, onAdd, children }: RowsFrameProps): ReactElement {
  return (
    <fieldset className="checks">
      <legend className="davit-label">{title}</legend>
      <div className="davit-description">{hint}</div>
      {children}
      <div>
        <Button icon="plus" onPress={onAdd}>
          {add}
        </Button>
      </div>
    </fieldset>
  );
}

function changed<T extends LabelRow>(rows: readonly T[], now: T): T[] {
  return rows.map((one) => (one.row === now.row ? now : one));
}
