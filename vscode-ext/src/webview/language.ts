import { IMAGE_TEXTS, type ImageTexts } from '@davit/ui';
import { languageOf, type Language } from '../i18n/language.ts';

/** The words of a page: ours and those of the shared components. */
export interface PageLanguage extends Language {
  imageTexts: ImageTexts;
}

/** The words for a locale, as `zh-CN`. */
export function pageLanguage(locale: string): PageLanguage {
  const language = languageOf(locale);
  return { ...language, imageTexts: language.locale === 'zh-CN' ? IMAGE_TEXTS.zh : IMAGE_TEXTS.en };
}
