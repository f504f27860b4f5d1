import { Notice, type Tone } from '@davit/ui';
import { createContext, useCallback, useContext, useMemo, useState, type ReactElement, type ReactNode } from 'react';
import { errorText } from '../api/client.ts';
import { useTexts } from '../i18n/language.tsx';

interface Note {
  id: number;
  tone: Tone;
  text: string;
  action?: ReactNode;
}

type Notify = (tone: Tone, text: string, action?: ReactNode) => void;

const NotifyContext = createContext<Notify>(() => undefined);

/** Shows what came of actions that have no dialog of their own, at the foot of the page until dismissed. */
export function NoticesProvider({ children }: { children: ReactNode }): ReactElement {
  const [notes, setNotes] = useState<Note[]>([]);
  const remove = useCallback((id: number) => setNotes((all) => all.filter((note) => note.id !== id)), []);
  const notify = useCallback<Notify>(
    (tone, text, action) => {
      const id = performance.now();
      // More than three at once are not read; the oldest goes.
      setNotes((all) => [...all.filter((note) => note.text !== text).slice(-2), { id, tone, text, action }]);
      if (tone === 'success' || tone === 'info') setTimeout(() => remove(id), 6000);
    },
    [remove],
  );
  return (
    <NotifyContext.Provider value={notify}>
      {children}
      <div className="notices">
        {notes.map((note) => (
          <Notice key={note.id} tone={note.tone} action={note.action} onDismiss={() => remove(note.id)}>
            {note.text}
          </Notice>
        ))}
      </div>
    </NotifyContext.Provider>
  );
}

/** Shows a notice. */
export function useNotify(): Notify {
  return useContext(NotifyContext);
}

/** Shows a failed request in the hub's own words. */
export function useNotifyError(): (error: unknown) => void {
  const notify = useNotify();
  const texts = useTexts();
  return useMemo(() => (error: unknown) => notify('danger', errorText(error, texts.common)), [notify, texts]);
}
