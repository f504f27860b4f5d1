import { Icon } from '@davit/ui';
import type { ReactElement } from 'react';
import { useConnected } from '../api/live.tsx';
import { useInfo } from '../api/queries.ts';
import { useTexts } from '../i18n/language.tsx';

/** Warns on each page of a hub that is used over plain http by other machines. */
export function InsecureBar(): ReactElement | undefined {
  const { shell } = useTexts();
  if (useInfo().data?.insecureHttp !== true) return undefined;
  return (
    <div className="bar bar-warning" role="note">
      <Icon name="warning" />
      <span>{shell.insecure}</span>
    </div>
  );
}

/** Says quietly that what is shown may be out of date, until the connection is back. */
export function DisconnectedBar(): ReactElement {
  const { shell } = useTexts();
  const connected = useConnected();
  return (
    <div role="status">
      {!connected && (
        <div className="bar">
          <span className="davit-spinner" aria-hidden="true" />
          <span>{shell.disconnected}</span>
        </div>
      )}
    </div>
  );
}
