import { useEffect, useState } from 'react';

/** A letter is no search yet; after this time without another one it is. */
export const SETTLED_MS = 200;

/** The text as it was when typing last paused. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
