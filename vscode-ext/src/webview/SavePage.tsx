import { Button, Notice, SaveForm } from '@davit/ui';
import { useEffect, useMemo, useState, type ReactElement } from 'react';
import { listen, send } from './host.ts';
import type { PageLanguage } from './language.ts';
import type { SavePageState } from './messages.ts';

const FIRST: SavePageState = { taken: [], unsaved: [], pending: false };

/** The form of a save: what the image is called, and what will and will not be in it. */
export function SavePage({ language }: { language: PageLanguage }): ReactElement {
  const [state, setState] = useState(FIRST);
  useEffect(() => listen((next) => setState(next as SavePageState)), []);
  const taken = useMemo(() => new Set(state.taken), [state.taken]);
  const { page, save } = language.texts;
  return (
    <main className="page">
      <h1>{save.title}</h1>
      <SaveForm
        texts={language.imageTexts.save}
        preview={state.preview}
        taken={taken}
        pending={state.pending}
        error={state.error}
        fieldErrors={state.fieldErrors}
        onCancel={() => send({ type: 'close' })}
        onSubmit={(input) => send({ type: 'save', input })}
      >
        {state.unsaved.length > 0 && (
          <Notice tone="warning" action={<Button onPress={() => send({ type: 'saveFiles' })}>{page.saveFiles}</Button>}>
            {page.unsaved(language.texts.list(state.unsaved))}
          </Notice>
        )}
      </SaveForm>
    </main>
  );
}
