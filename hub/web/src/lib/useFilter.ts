import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';

/** A filter that is part of the address, so that a filtered list can be linked to and survives a reload. */
export function useFilter(key: string): [value: string, set: (value: string) => void] {
  const [search, setSearch] = useSearchParams();
  const set = (value: string): void =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(key);
        else next.set(key, value);
        return next;
      },
      { replace: true },
    );
  return [search.get(key) ?? '', set];
}

/** `value` once it has not changed for a moment: each letter of a search is not a request. */
export function useSettled(value: string, afterMs = 200): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs);
    return () => clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}
