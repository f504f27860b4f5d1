import { formatDuration, formatExact, formatRelative } from '@davit/ui';
import type { ReactElement } from 'react';
import { useLanguage } from '../i18n/language.tsx';
import { useNow } from './now.ts';

/** A moment as `3 days ago`, the exact one on hover. */
export function RelativeTime({ at }: { at: string }): ReactElement {
  const { locale } = useLanguage();
  const now = useNow();
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={formatExact(time, locale)}>
      {formatRelative(time, now, locale)}
    </time>
  );
}

/** How long ago, as text inside a sentence. */
export function useAgo(): (at: string) => string {
  const { locale } = useLanguage();
  const now = useNow();
  return (at) => formatRelative(Date.parse(at), now, locale);
}

/** The span from `since` to now as `2 h 10 min`. */
export function useSpan(): (since: string) => string {
  const { texts } = useLanguage();
  const now = useNow();
  return (since) => formatDuration(now - Date.parse(since), texts.common.units);
}
