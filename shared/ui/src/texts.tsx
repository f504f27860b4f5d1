import { createContext, useContext, type ReactElement, type ReactNode } from 'react';
import { I18nProvider } from 'react-aria-components';

/** Words that the components say themselves; each front end gives them in its languages. */
export interface UiTexts {
  cancel: string;
  close: string;
  copy: string;
  copied: string;
  dismiss: string;
  loading: string;
  more: string;
  follow: string;
  required: string;
  wrap: string;
  selectPlaceholder: string;
}

const ENGLISH: UiTexts = {
  cancel: 'Cancel',
  close: 'Close',
  copy: 'Copy',
  copied: 'Copied',
  dismiss: 'Dismiss',
  loading: 'Loading',
  more: 'More actions',
  follow: 'Follow',
  required: 'Fill this in.',
  wrap: 'Wrap lines',
  selectPlaceholder: 'Choose',
};

const UiTextsContext = createContext<UiTexts>(ENGLISH);

/** Sets the words and the locale (`en-US`, `zh-CN`) of every component below. */
export function UiTextsProvider(props: { texts: UiTexts; locale: string; children: ReactNode }): ReactElement {
  return (
    <I18nProvider locale={props.locale}>
      <UiTextsContext.Provider value={props.texts}>{props.children}</UiTextsContext.Provider>
    </I18nProvider>
  );
}

/** The words of the nearest provider, English without one. */
export function useUiTexts(): UiTexts {
  return useContext(UiTextsContext);
}
