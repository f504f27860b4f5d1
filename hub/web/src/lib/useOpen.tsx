import { openServer, type Editor, type Server } from '@davit/contract';
import { Button } from '@davit/ui';
import { useState } from 'react';
import { api } from '../api/client.ts';
import { useLanguage } from '../i18n/language.tsx';
import { useNotify, useNotifyError } from './notices.tsx';

/**
 * Opens an editor, or the app on a port, in a new tab. The tab is made while the press is still fresh, or browsers keep it from opening; it
 * forgets this page before it goes to the server's, which may run anybody's code and must not steer the hub's tab.
 */
export function useOpen(server: Server): { open: (place: Editor | number) => void; opening: boolean } {
  const { texts, language } = useLanguage();
  const notify = useNotify();
  const notifyError = useNotifyError();
  const [opening, setOpening] = useState(false);

  const open = (place: Editor | number): void => {
    const tab = window.open('about:blank', '_blank');
    if (tab !== null) tab.opener = null;
    setOpening(true);
    const body = { language, ...(typeof place === 'number' ? { port: place } : { editor: place }) };
    api(openServer, { params: { id: server.id }, body })
      .then(({ url }) => {
        if (tab !== null) tab.location.replace(url);
        else {
          const here = <Button onPress={() => window.location.assign(url)}>{texts.server.popupOpen}</Button>;
          notify('warning', texts.server.popupBlocked, here);
        }
      })
      .catch((error: unknown) => {
        tab?.close();
        notifyError(error);
      })
      .finally(() => setOpening(false));
  };
  return { open, opening };
}
