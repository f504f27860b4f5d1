import { Button, CopyField, Dialog, DialogBody, DialogFoot, Notice } from '@davit/ui';
import type { ReactElement } from 'react';
import { useTexts } from '../../i18n/language.tsx';
import { useAgo } from '../../lib/time.tsx';

export interface LinkReadyProps {
  title: string;
  url: string;
  expiresAt?: string;
  onClose: () => void;
}

/** A one-time link to hand on. */
export function LinkReady({ title, url, expiresAt, onClose }: LinkReadyProps): ReactElement {
  const { users: words, common } = useTexts();
  const ago = useAgo();
  return (
    <Dialog title={title} onClose={onClose}>
      <DialogBody>
        <Notice tone="warning">{words.linkText}</Notice>
        <CopyField label={words.link} text={url} />
        {expiresAt !== undefined && <p className="davit-muted">{words.linkExpires(ago(expiresAt))}</p>}
      </DialogBody>
      <DialogFoot>
        <Button variant="primary" onPress={onClose}>
          {common.close}
        </Button>
      </DialogFoot>
    </Dialog>
  );
}
