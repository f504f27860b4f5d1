import { useEffect, useState, type ReactElement } from 'react';
import { Button } from './Button.tsx';
import { useUiTexts } from './texts.tsx';

/** A button that copies `text` and says so for two seconds. */
export function CopyButton({ text }: { text: string }): ReactElement {
  const texts = useUiTexts();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      icon={copied ? 'check' : 'copy'}
      onPress={() => {
        void copyText(text).then(setCopied);
      }}
    >
      {copied ? texts.copied : texts.copy}
    </Button>
  );
}

/** A text that is copied rather than typed, such as a token or a link. */
export function CopyField({ label, text }: { label: string; text: string }): ReactElement {
  return (
    <div className="davit-copy">
      <input
        className="davit-input davit-code"
        readOnly
        value={text}
        aria-label={label}
        onFocus={(event) => event.currentTarget.select()}
      />
      <CopyButton text={text} />
    </div>
  );
}

/** Copies, also where the page has no clipboard because it came over plain http; false when the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
  if (isSecureContext) {
    return navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'davit-hidden';
  const host = document.querySelector('[role=dialog], [role=alertdialog]') ?? document.body;
  host.append(area);
  area.select();
  // The only way to copy outside a secure context; browsers keep it for that.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
