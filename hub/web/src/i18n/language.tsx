import { IMAGE_TEXTS, RELEASE_TEXTS, UiTextsProvider, type ImageTexts, type ReleaseTexts } from '@davit/ui';
import { createContext, useContext, useEffect, useMemo, useState, type ReactElement, type ReactNode } from 'react';
import { recall, remember } from '../lib/storage.ts';
import { en, type Texts } from './en.ts';
import { firstLanguage, type Language } from './firstLanguage.ts';
import { zh } from './zh.ts';

/** What each language is called in itself. */
export const LANGUAGES: Record<Language, { name: string; locale: string; texts: Texts }> = {
  en: { name: 'English', locale: 'en-US', texts: en },
  zh: { name: '简体中文', locale: 'zh-CN', texts: zh },
};

interface LanguageState {
  language: Language;
  locale: string;
  texts: Texts;
  choose: (language: Language) => void;
}

const LanguageContext = createContext<LanguageState | undefined>(undefined);

/** Keeps the chosen language; without a choice the browser's first language that there is. */
export function LanguageProvider({ children }: { children: ReactNode }): ReactElement {
  const [language, setLanguage] = useState<Language>(() => firstLanguage(recall('language'), navigator.languages));
  const { locale, texts } = LANGUAGES[language];

  useEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);

  const state = useMemo(() => {
    const choose = (next: Language): void => {
      remember('language', next);
      setLanguage(next);
    };
    return { language, locale, texts, choose };
  }, [language, locale, texts]);

  return (
    <LanguageContext.Provider value={state}>
      <UiTextsProvider texts={texts.common} locale={locale}>
        {children}
      </UiTextsProvider>
    </LanguageContext.Provider>
  );
}

/** The language, its locale and how to choose another. */
export function useLanguage(): LanguageState {
  const state = useContext(LanguageContext);
  if (state === undefined) throw new Error('LanguageProvider is missing');
  return state;
}

/** All words in the chosen language. */
export function useTexts(): Texts {
  return useLanguage().texts;
}

/** The words about release, which the editors share. */
export function useReleaseTexts(): ReleaseTexts {
  return RELEASE_TEXTS[useLanguage().language];
}

/** The words about images, which the editors share. */
export function useImageTexts(): ImageTexts {
  return IMAGE_TEXTS[useLanguage().language];
}
