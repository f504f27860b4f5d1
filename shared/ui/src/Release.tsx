import type { ImageJob, ReleasePolicy, ReleaseState } from '@davit/contract';
import type { ReactElement } from 'react';
import { Button } from './Button.tsx';
import { formatDuration, formatExact, type TimeUnits } from './format.ts';
import { Icon } from './icons.tsx';
import { Notice } from './Notice.tsx';
import { goingOn, releaseParts } from './releaseLine.ts';
import type { ReleaseTexts } from './releaseTexts.ts';
import { Select } from './Select.tsx';

interface Timed {
  state: ReleaseState;
  /** Milliseconds since the epoch; the host renews it. */
  now: number;
  texts: ReleaseTexts;
  units: TimeUnits;
  locale: string;
}

/** When a server is released and what keeps it: `Releases 2 hours after you leave · kept alive: kernel busy`. */
export function ReleaseLine({ state, now, texts, units, locale }: Timed): ReactElement {
  const { releaseAt } = state;
  const exact = releaseAt === null ? undefined : formatExact(Date.parse(releaseAt), locale);
  return (
    <span className="davit-release-line" title={exact}>
      {releaseParts(state, now, texts, units).join(' · ')}
    </span>
  );
}

export interface ReleaseWarningProps extends Timed {
  name: string;
  pending?: boolean;
  onKeep: () => void;
  onRelease: () => void;
}

/** Says that a server is released soon, and what can be done about it. Show it while `shouldWarn`. */
export function ReleaseWarning(props: ReleaseWarningProps): ReactElement {
  const { name, state, now, texts, units, locale, pending = false } = props;
  const end = Date.parse(state.releaseAt ?? '');
  return (
    <div className="davit-release-warning">
      <Icon name="warning" />
      <span role="status">{texts.soon(name)}</span>
      {!Number.isNaN(end) && (
        <time dateTime={state.releaseAt ?? undefined} title={formatExact(end, locale)}>
          {texts.left(formatDuration(end - now, units))}
        </time>
      )}
      <Button label={texts.keepOf(name)} pending={pending} onPress={props.onKeep}>
        {texts.keep}
      </Button>
      <Button label={texts.releaseOf(name)} disabled={pending} onPress={props.onRelease}>
        {texts.release}
      </Button>
    </div>
  );
}

export interface ReleasePolicyChoiceProps {
  value: ReleasePolicy;
  /** What the person may choose; the present one is offered too. */
  allowed: readonly ReleasePolicy[];
  texts: ReleaseTexts;
  disabled?: boolean;
  /** Without the word on what a release is, for a narrow panel. */
  compact?: boolean;
  onChange: (policy: ReleasePolicy) => void;
}

/** When a server is released, chosen from what is allowed. */
export function ReleasePolicyChoice(props: ReleasePolicyChoiceProps): ReactElement {
  const { value, allowed, texts, disabled, compact = false, onChange } = props;
  const options = [...new Set([...allowed, value])].map((id) => ({ id, text: texts.policies[id] }));
  return (
    <Select
      label={texts.choice}
      description={compact ? undefined : texts.choiceHint}
      value={value}
      options={options}
      disabled={disabled}
      onChange={onChange}
    />
  );
}

export interface GoingOnProps {
  release: ReleaseState | null;
  /** Saves of the server that are under way. */
  saves: readonly ImageJob[];
  texts: ReleaseTexts;
}

/** Warns of what ends with a server, in the dialog that asks before it is ended; nothing when nothing goes on in it. */
export function GoingOn({ release, saves, texts }: GoingOnProps): ReactElement | undefined {
  const lines = goingOn(release, saves, texts);
  if (lines.length === 0) return undefined;
  return (
    <Notice tone="warning">
      {lines.map((line) => (
        <div key={line}>{line}</div>
      ))}
    </Notice>
  );
}
