import type { ReactElement, ReactNode } from 'react';

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
}

export interface DataTableProps<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
}

/** A table with headers that screen readers follow; on a narrow screen each row becomes a card. */
export function DataTable<T>({ label, columns, rows, rowKey }: DataTableProps<T>): ReactElement {
  return (
    <table className="davit-table" aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.id} scope="col" className={classOf(column)}>
              {column.actions === true ? <span className="davit-hidden">{column.title}</span> : column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)}>
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

function classOf<T>(column: Column<T>): string | undefined {
  if (column.actions === true) return 'davit-table-actions';
  return column.align === 'end' ? 'davit-table-end' : undefined;
}
