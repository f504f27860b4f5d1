/** By which column rows stand, and whether the greatest is first. */
export interface Sort {
  column: string;
  descending: boolean;
}

/** What sorting needs to know of a column. */
export interface SortColumn<T> {
  id: string;
  sortBy?: (row: T) => string | number;
}

/** The rows by a column, names as people of that locale sort them, `a2` before `a10`; as they were without a sort. */
export function sortRows<T>(
  rows: readonly T[],
  columns: readonly SortColumn<T>[],
  sort: Sort | undefined,
  locale: string,
): readonly T[] {
  const by = columns.find(({ id }) => id === sort?.column)?.sortBy;
  if (by === undefined || sort === undefined) return rows;
  const { compare } = new Intl.Collator(locale, { numeric: true });
  const direction = sort.descending ? -1 : 1;
  return rows
    .map((row) => ({ row, key: by(row) }))
    .sort((one, other) => direction * compareKeys(one.key, other.key, compare))
    .map(({ row }) => row);
}

function compareKeys(one: string | number, other: string | number, compare: Intl.Collator['compare']): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  return compare(String(one), String(other));
}
