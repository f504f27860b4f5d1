import { Button, Skeleton } from '@davit/ui';
import type { ReactElement, ReactNode } from 'react';
import { useTexts } from '../i18n/language.tsx';
import { Failure } from './failure.tsx';

/** What a list's query knows; `items` is undefined until the first page is there. */
export interface List<I> {
  items: readonly I[] | undefined;
  error: unknown;
  refetch: () => Promise<unknown>;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

export interface ListStateProps<I> {
  list: List<I>;
  /** What could not be loaded. */
  failed: string;
  empty: ReactNode;
  children: (items: readonly I[]) => ReactNode;
}

/** A list in each of its states: loading, failing (with the last rows still shown), empty, there, with more to load. */
export function ListState<I>({ list, failed, empty, children }: ListStateProps<I>): ReactElement {
  const { common } = useTexts();
  const { items } = list;
  return (
    <>
      {list.error !== null && (
        <div className="panel-body">
          <Failure title={failed} error={list.error} onRetry={() => void list.refetch()} />
        </div>
      )}
      {items === undefined && list.error === null && (
        <div className="panel-body">
          <Skeleton rows={3} height={36} />
        </div>
      )}
      {items?.length === 0 && empty}
      {items !== undefined && items.length > 0 && children(items)}
      {list.hasNextPage && (
        <div className="panel-foot">
          <Button pending={list.isFetchingNextPage} onPress={() => void list.fetchNextPage()}>
            {common.loadMore}
          </Button>
        </div>
      )}
    </>
  );
}
