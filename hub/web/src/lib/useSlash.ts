import { useEffect } from 'react';

/** `/` puts the focus into the page's main search, unless somebody is typing or a dialog is open. */
export function useSlash(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (
        event.target instanceof Element &&
        event.target.closest('input, textarea, [contenteditable], [role*=dialog]')
      ) {
        return;
      }
      const search = document.querySelector<HTMLInputElement>('input[data-search=main]');
      if (search === null) return;
      event.preventDefault();
      search.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
