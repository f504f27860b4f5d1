import { MenuButton, type IconName } from '@davit/ui';
import type { ReactElement } from 'react';
import type { Language } from '../i18n/firstLanguage.ts';
import { LANGUAGES, useLanguage } from '../i18n/language.tsx';
import { THEMES, useTheme, type Theme } from '../lib/theme.ts';

const THEME_ICONS: Record<Theme, IconName> = { system: 'system', light: 'sun', dark: 'moon', contrast: 'contrast' };

/** The choice of language, each called in itself so that it can be found from any other. */
export function LanguageMenu(): ReactElement {
  const { language, texts, choose } = useLanguage();
  return (
    <MenuButton
      label={texts.shell.language}
      icon="language"
      iconOnly
      variant="quiet"
      selected={language}
      entries={(Object.keys(LANGUAGES) as Language[]).map((id) => ({
        id,
        text: LANGUAGES[id].name,
        onAction: () => choose(id),
      }))}
    />
  );
}

/** The choice of light, dark and contrast. */
export function ThemeMenu(): ReactElement {
  const { texts } = useLanguage();
  const { theme, choose } = useTheme();
  return (
    <MenuButton
      label={texts.shell.theme}
      icon={THEME_ICONS[theme]}
      iconOnly
      variant="quiet"
      selected={theme}
      entries={THEMES.map((id) => ({
        id,
        text: texts.shell.themes[id],
        icon: THEME_ICONS[id],
        onAction: () => choose(id),
      }))}
    />
  );
}
