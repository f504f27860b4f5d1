import { useSyncExternalStore } from 'react';
import { recall, remember } from './storage.ts';

export const THEMES = ['system', 'light', 'dark', 'contrast'] as const;
export type Theme = (typeof THEMES)[number];

const moreContrast = matchMedia('(prefers-contrast: more)');
const listeners = new Set<() => void>();
let current: Theme = THEMES.find((theme) => theme === recall('theme')) ?? 'system';

/** Puts the theme on the document; called before the first paint, and again when the system's wish for contrast changes. */
export function applyTheme(): void {
  const { dataset } = document.documentElement;
  if (current === 'light' || current === 'dark') dataset['theme'] = current;
  else delete dataset['theme'];
  if (current === 'contrast' || (current === 'system' && moreContrast.matches)) dataset['contrast'] = 'more';
  else delete dataset['contrast'];
}

moreContrast.addEventListener('change', applyTheme);

function choose(theme: Theme): void {
  current = theme;
  remember('theme', theme);
  applyTheme();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The chosen theme and how to choose another. */
export function useTheme(): { theme: Theme; choose: (theme: Theme) => void } {
  return { theme: useSyncExternalStore(subscribe, () => current), choose };
}
