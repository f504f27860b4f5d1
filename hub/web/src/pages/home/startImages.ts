import { getImage, listImages, type Image } from '@davit/contract';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { usePages, useRoute } from '../../api/queries.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { useSettled } from '../../lib/settled.ts';
import { withFirst } from './startChoice.ts';

/** As many cards of each kind come at once; a library of thousands is searched, not scrolled. */
const CARDS_AT_ONCE = 24;

/** The images that the start dialog offers: one's own, then those of others, those that come with the hub last. */
export interface StartImages {
  /** Undefined while they are on their way. */
  items: readonly Image[] | undefined;
  /** The image that was asked for, if it is still there. */
  first: Image | undefined;
  search: string;
  onSearch: (search: string) => void;
  /** There are none at all, whatever one searches for. */
  none: boolean;
  hasMore: boolean;
  loadingMore: boolean;
  loadMore: () => void;
  error: Error | null;
  retry: () => void;
}

/** Finds images by a search that the hub does; `firstId` is shown even where it is not among the first of its kind. */
export function useStartImages(firstId: string | undefined): StartImages {
  const [search, onSearch] = useState('');
  const sought = useSettled(search).trim();
  const lists = [
    useOrigin('own', sought),
    useOrigin('shared', sought),
    useOrigin('public', sought),
    useOrigin('built-in', sought),
  ];
  const asked = useRoute('image', getImage, { params: { id: firstId ?? '' } }, { enabled: firstId !== undefined });
  const loaded = lists.flatMap(({ items }) => (items === undefined ? [] : [items]));
  const complete = loaded.length === lists.length && (firstId === undefined || !asked.isPending);
  const found = loaded.flat();
  const items = sought === '' ? withFirst(found, asked.data) : found;
  return {
    items: complete ? items : undefined,
    first: asked.data,
    search,
    onSearch,
    none: complete && sought === '' && items.length === 0,
    hasMore: lists.some(({ hasNextPage }) => hasNextPage),
    loadingMore: lists.some(({ isFetchingNextPage }) => isFetchingNextPage),
    loadMore: () => {
      for (const list of lists) if (list.hasNextPage) void list.fetchNextPage();
    },
    error: lists.find(({ error }) => error !== null)?.error ?? null,
    retry: () => {
      for (const list of lists) void list.refetch();
    },
  };
}

function useOrigin(origin: Image['origin'], search: string) {
  const { language } = useLanguage();
  const query = { origin, search: search === '' ? undefined : search, language, limit: CARDS_AT_ONCE };
  return usePages('image', ['start', query], (cursor, signal) =>
    api(listImages, { query: { ...query, cursor } }, { signal }),
  );
}
