import { en, type Texts } from './en.ts';
import { zh } from './zh.ts';

/** The words and the locale for an editor's language, as `zh-cn`; English for one that is not here. */
export interface Language {
  locale: string;
  texts: Texts;
}

/**
 * Tables of our own rather than the editor's l10n bundles: VS Code does not read the bundles of an extension that is
 * part of the installation, which is how the images carry this one.
 */
export function languageOf(editorLanguage: string): Language {
  return editorLanguage.toLowerCase().startsWith('zh')
    ? { locale: 'zh-CN', texts: zh }
    : { locale: 'en-US', texts: en };
}
