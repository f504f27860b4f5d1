import { useEffect } from 'react';
import { useInfo } from '../api/queries.ts';

/** Names the page in the browser's tab and history. */
export function useTitle(page: string): void {
  const name = useInfo().data?.name ?? 'Davit';
  useEffect(() => {
    document.title = `${page} · ${name}`;
  }, [page, name]);
}
