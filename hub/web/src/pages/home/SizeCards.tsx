import type { Fit, Resources, Sizes } from '@davit/contract';
import { formatMemory, NumberField, RadioCards, trim } from '@davit/ui';
import type { ReactElement } from 'react';
import type { Texts } from '../../i18n/en.ts';
import { useTexts } from '../../i18n/language.tsx';
import { fitOf } from '../../lib/fit.ts';
import { sizeText } from '../../lib/server.tsx';
import { CUSTOM } from './startChoice.ts';

export interface SizeCardsProps {
  sizes: Sizes;
  value: string;
  own: Resources;
  onChange: (size: string) => void;
  onOwn: (own: Resources) => void;
}

/** The presets as cards that say how each would fare now, and own numbers behind the last card. */
export function SizeCards({ sizes, value, own, onChange, onOwn }: SizeCardsProps): ReactElement {
  const texts = useTexts();
  const { start } = texts;
  const presets = sizes.presets.map(({ id, resources, fit }) => {
    const text = sizeText(resources, texts);
    const title = presetName(id, texts);
    return {
      id,
      label: `${title}, ${text}, ${start.fits[fit]}`,
      disabled: fit === 'above-quota' || fit === 'never',
      content: <SizeCard title={title} text={text} fit={fit} />,
    };
  });
  const custom = {
    id: CUSTOM,
    label: start.custom,
    content: (
      <SizeCard
        title={start.custom}
        text={value === CUSTOM ? sizeText(own, texts) : start.customText}
        fit={value === CUSTOM ? fitOf(own, sizes) : undefined}
      />
    ),
  };
  return (
    <div className="size-cards">
      <RadioCards label={start.size} value={value} options={[...presets, custom]} onChange={onChange} />
      {value === CUSTOM && <OwnSize sizes={sizes} own={own} onOwn={onOwn} />}
    </div>
  );
}

function SizeCard({ title, text, fit }: { title: string; text: string; fit: Fit | undefined }): ReactElement {
  const { start } = useTexts();
  return (
    <>
      <strong>{title}</strong>
      <span>{text}</span>
      {fit !== undefined && <span className={`fit fit-${fit}`}>{start.fits[fit]}</span>}
    </>
  );
}

function OwnSize({ sizes, own, onOwn }: Pick<SizeCardsProps, 'sizes' | 'own' | 'onOwn'>): ReactElement {
  const { start } = useTexts();
  const total = sizes.capacity?.total;
  const free = sizes.capacity?.free;
  const freeOf = (amount: keyof Resources, write: (value: number) => string): string | undefined =>
    total?.[amount] === undefined || free?.[amount] === undefined
      ? undefined
      : start.free(write(free[amount]), write(total[amount]));
  const set = (amount: keyof Resources, value: number): void => {
    if (!Number.isNaN(value)) onOwn({ ...own, [amount]: value });
  };
  return (
    <div className="own-size">
      <NumberField
        label={start.cores}
        name="resources.cpu"
        value={own.cpu}
        min={0.1}
        max={1024}
        step={0.1}
        description={freeOf('cpu', trim)}
        onChange={(value) => set('cpu', value)}
      />
      <NumberField
        label={start.memoryGib}
        name="resources.memoryMb"
        value={own.memoryMb / 1024}
        min={0.25}
        max={16_384}
        step={0.25}
        description={freeOf('memoryMb', formatMemory)}
        onChange={(value) => set('memoryMb', Math.round(value * 1024))}
      />
      {(sizes.quota.limit.gpu > 0 || own.gpu > 0) && (
        <NumberField
          label={start.gpus}
          name="resources.gpu"
          value={own.gpu}
          min={0}
          max={1024}
          step={1}
          description={freeOf('gpu', String)}
          onChange={(value) => set('gpu', value)}
        />
      )}
    </div>
  );
}

function presetName(id: string, { start }: Texts): string {
  return (start.presets as Partial<Record<string, string>>)[id] ?? id;
}
