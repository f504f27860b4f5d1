import { useEffect, useRef, useState, type ReactElement } from 'react';
import { Switch } from './Choice.tsx';
import { CopyButton } from './CopyField.tsx';
import { useUiTexts } from './texts.tsx';

export interface LogViewProps {
  label: string;
  lines: readonly string[];
  /** What to say when there are no lines. */
  empty: string;
  follow: boolean;
  onFollow: (follow: boolean) => void;
}

/** Lines of output: follows the end while told to, wraps, copies. Scrolling up by hand stops the following. */
export function LogView({ label, lines, empty, follow, onFollow }: LogViewProps): ReactElement {
  const texts = useUiTexts();
  const [wrap, setWrap] = useState(true);
  const box = useRef<HTMLPreElement>(null);

  useEffect(() => {
    if (follow && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [follow, lines, wrap]);

  return (
    <div className="davit-log">
      <div className="davit-log-tools">
        <Switch selected={follow} onChange={onFollow}>
          {texts.follow}
        </Switch>
        <Switch selected={wrap} onChange={setWrap}>
          {texts.wrap}
        </Switch>
        <CopyButton text={lines.join('\n')} />
      </div>
      <pre
        ref={box}
        className={wrap ? 'davit-log-lines davit-log-wrap' : 'davit-log-lines'}
        tabIndex={0}
        role="log"
        aria-label={label}
        aria-live="off"
        onWheel={(event) => {
          if (event.deltaY < 0 && follow) onFollow(false);
        }}
      >
        {lines.length === 0 ? <span className="davit-muted">{empty}</span> : lines.join('\n')}
      </pre>
    </div>
  );
}
