import { IMAGE_TEXTS, USAGE_TEXTS, type ImageTexts, type UsageTexts } from '@davit/ui';
import { languageOf, type Language } from '../i18n/language.ts';

/** The words of a page: ours and those of the shared components. */
export interface PageLanguage extends Language {
  imageTexts: ImageTexts;
  usageTexts: UsageTexts;
}

/** The words for a locale, as `zh-CN`. */
export function pageLanguage(locale: string): PageLanguage {
  const language = languageOf(locale);
  const key = language.locale === 'zh-CN' ? 'zh' : 'en';
  return { ...language, imageTexts: IMAGE_TEXTS[key], usageTexts: USAGE_TEXTS[key] };
}
