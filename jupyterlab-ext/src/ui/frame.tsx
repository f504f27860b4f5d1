import { IMAGE_TEXTS, RELEASE_TEXTS, UiTextsProvider, USAGE_TEXTS, type TimeUnits, type UiTexts } from '@davit/ui';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useMemo, useReducer, useState, type ReactElement, type ReactNode } from 'react';
import { languageOf, type Host } from '../host.ts';
import type { IModel } from '../tokens.ts';
import '@davit/ui/ui.css';
import './skin.css';

/** Gives the shared components the words and the locale of JupyterLab. Every view and dialog stands in one. */
export function Frame({ host, children }: { host: Host; children: ReactNode }): ReactElement {
  const texts = useMemo(() => uiTexts(host.trans), [host.trans]);
  return (
    <UiTextsProvider texts={texts} locale={host.locale}>
      {children}
    </UiTextsProvider>
  );
}

/** The words that the shared components bring themselves, in JupyterLab's language; English for any other. */
export function sharedTexts({ locale }: Host) {
  const language = languageOf(locale);
  return { images: IMAGE_TEXTS[language], release: RELEASE_TEXTS[language], usage: USAGE_TEXTS[language] };
}

/** Short names of units of time. */
export function timeUnits(trans: TranslationBundle): TimeUnits {
  return { day: trans.__('d'), hour: trans.__('h'), minute: trans.__('min'), second: trans.__('s') };
}

/** Draws again when the model changed, and lets it poll as long as the view is there. */
export function useModel(model: IModel, everyMs: number): void {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const onChanged = (): void => draw();
    model.changed.connect(onChanged);
    const watcher = model.watch(everyMs);
    return () => {
      watcher.dispose();
      model.changed.disconnect(onChanged);
    };
  }, [model, everyMs]);
}

/** Draws again when the hub comes or goes. */
export function useHub({ hub }: Host): Host['hub'] {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const onChanged = (): void => draw();
    hub.phaseChanged.connect(onChanged);
    return () => {
      hub.phaseChanged.disconnect(onChanged);
    };
  }, [hub]);
  return hub;
}

/** The present moment in ms, for texts such as "in 5 minutes". */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

function uiTexts(trans: TranslationBundle): UiTexts {
  return {
    cancel: trans.__('Cancel'),
    close: trans.__('Close'),
    copy: trans.__('Copy'),
    copied: trans.__('Copied'),
    dismiss: trans.__('Dismiss'),
    loading: trans.__('Loading'),
    more: trans.__('More actions'),
    follow: trans.__('Follow'),
    required: trans.__('Fill this in.'),
    wrap: trans.__('Wrap lines'),
    selectPlaceholder: trans.__('Choose'),
  };
}
