import { useState, type ReactElement, type ReactNode } from 'react';
import { Button, useLocale } from 'react-aria-components';
import { Checkbox } from './Choice.tsx';
import { Icon } from './icons.tsx';
import { sortRows, type Sort } from './sortRows.ts';

export interface Column<T> {
  id: string;
  title: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand right. */
  align?: 'end';
  /** The row's own name: a row header, and the first line of a card on a narrow screen. */
  main?: boolean;
  /** Actions: no title is shown. */
  actions?: boolean;
  /** By what rows are sorted when the title is pressed; such columns have a button for a title. */
  sortBy?: (row: T) => string | number;
}

/** Which rows are ticked. */
export interface Selection<T> {
  selected: ReadonlySet<string>;
  onChange: (selected: ReadonlySet<string>) => void;
  /** What the tick box of a row is called. */
  labelOf: (row: T) => string;
  /** What the tick box of all rows is called. */
  labelOfAll: string;
}

export interface DataTableProps<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /**
   * `here`: all rows are there and the table sorts them. Else the rows come sorted, and pressing a title asks for another
   * order. Left out: titles cannot be pressed.
   */
  sorting?: 'here' | { sort: Sort; onSort: (sort: Sort) => void };
  selection?: Selection<T>;
}

/** A table with headers that screen readers follow; on a narrow screen each row becomes a card. */
export function DataTable<T>(props: DataTableProps<T>): ReactElement {
  const { label, columns, rows, rowKey, sorting, selection } = props;
  const [own, setOwn] = useState<Sort>();
  const { locale } = useLocale();
  const { sort, onSort } = typeof sorting === 'object' ? sorting : { sort: own, onSort: setOwn };
  const shown = sorting === 'here' ? sortRows(rows, columns, own, locale) : rows;
  return (
    <table className="davit-table" aria-label={label}>
      <thead>
        <tr>
          {selection !== undefined && (
            <th scope="col" className="davit-table-tick">
              <TickAll rows={rows} rowKey={rowKey} selection={selection} />
            </th>
          )}
          {columns.map((column) => (
            <Title
              key={column.id}
              column={column}
              sort={sorting === undefined || column.sortBy === undefined ? undefined : { now: sort, onSort }}
            />
          ))}
        </tr>
      </thead>
      <tbody>
        {shown.map((row) => (
          <tr key={rowKey(row)}>
            {selection !== undefined && (
              <td className="davit-table-tick">
                <Tick id={rowKey(row)} label={selection.labelOf(row)} selection={selection} />
              </td>
            )}
            {columns.map((column) =>
              column.main === true ? (
                <th key={column.id} scope="row" className={classOf(column)}>
                  {column.cell(row)}
                </th>
              ) : (
                <td key={column.id} className={classOf(column)} data-title={column.title}>
                  {column.cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Title<T>(props: {
  column: Column<T>;
  sort: { now: Sort | undefined; onSort: (sort: Sort) => void } | undefined;
}): ReactElement {
  const { column, sort } = props;
  const descending = sort?.now?.column === column.id ? sort.now.descending : undefined;
  const order = descending === undefined ? undefined : descending ? 'descending' : 'ascending';
  return (
    <th scope="col" className={classOf(column)} aria-sort={order}>
      {sort === undefined ? (
        <span className={column.actions === true ? 'davit-hidden' : undefined}>{column.title}</span>
      ) : (
        <Button
          className="davit-sort"
          onPress={() => sort.onSort({ column: column.id, descending: descending === false })}
        >
          {column.title}
          <span className={descending === true ? 'davit-sort-mark' : 'davit-sort-mark davit-sort-up'}>
            {descending !== undefined && <Icon name="down" size={12} />}
          </span>
        </Button>
      )}
    </th>
  );
}

function Tick<T>({ id, label, selection }: { id: string; label: string; selection: Selection<T> }): ReactElement {
  const { selected, onChange } = selection;
  const toggle = (ticked: boolean): void =>
    onChange(new Set(ticked ? [...selected, id] : [...selected].filter((other) => other !== id)));
  return <Checkbox selected={selected.has(id)} onChange={toggle} label={label} />;
}

function TickAll<T>(props: Pick<DataTableProps<T>, 'rows' | 'rowKey'> & { selection: Selection<T> }): ReactElement {
  const { rows, rowKey, selection } = props;
  const all = rows.length > 0 && rows.every((row) => selection.selected.has(rowKey(row)));
  return (
    <Checkbox
      selected={all}
      onChange={(ticked) => selection.onChange(new Set(ticked ? rows.map(rowKey) : []))}
      label={selection.labelOfAll}
    />
  );
}

function classOf<T>(column: Column<T>): string | undefined {
  if (column.actions === true) return 'davit-table-actions';
  return column.align === 'end' ? 'davit-table-end' : undefined;
}
