export type Language = 'en' | 'zh';

/** The stored choice if it is one of ours, else the first of the browser's languages that is, else English. */
export function firstLanguage(stored: string | undefined, preferred: readonly string[]): Language {
  for (const tag of [stored ?? '', ...preferred]) {
    const language = tag.slice(0, 2).toLowerCase();
    if (language === 'en' || language === 'zh') return language;
  }
  return 'en';
}
