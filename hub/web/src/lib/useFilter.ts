import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import { SETTLED_MS } from './settled.ts';

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

/**
 * A filter that is typed: `text` is what stands in the field, `filter` what is searched for once typing pauses. The
 * field cannot show the address itself, which lags behind the keys and would swallow letters.
 */
export function useTypedFilter(key: string): { text: string; filter: string; setText: (text: string) => void } {
  const [filter, setFilter] = useFilter(key);
  const [text, setText] = useState(filter);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    text,
    filter,
    setText: (next) => {
      setText(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => setFilter(next.trim()), SETTLED_MS);
    },
  };
}
