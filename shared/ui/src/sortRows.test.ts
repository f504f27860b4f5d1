import { describe, expect, it } from '@jest/globals';
import { sortRows, type SortColumn } from './sortRows.ts';

interface Row {
  name: string;
  minutes: number;
}

const rows: Row[] = [
  { name: 'lab10', minutes: 5 },
  { name: 'Lab2', minutes: 40 },
  { name: 'desk', minutes: 5 },
];
const columns: SortColumn<Row>[] = [
  { id: 'name', sortBy: ({ name }) => name },
  { id: 'minutes', sortBy: ({ minutes }) => minutes },
  { id: 'state' },
];
const names = (column: string, descending: boolean, locale = 'en-US'): string[] =>
  sortRows(rows, columns, { column, descending }, locale).map(({ name }) => name);

describe('sorted rows', () => {
  it('stand by names as people read them, or by numbers', () => {
    expect(names('name', false)).toEqual(['desk', 'Lab2', 'lab10']);
    expect(names('name', true)).toEqual(['lab10', 'Lab2', 'desk']);
    expect(names('minutes', true)).toEqual(['Lab2', 'lab10', 'desk']);
  });

  it('stay in their order where they are equal, and where nothing sorts them', () => {
    expect(names('minutes', false)).toEqual(['lab10', 'desk', 'Lab2']);
    expect(names('state', false)).toEqual(['lab10', 'Lab2', 'desk']);
    expect(sortRows(rows, columns, undefined, 'en-US')).toBe(rows);
  });

  it('are sorted as the language does', () => {
    const chinese = ['张', '李', '王'].map((name) => ({ name, minutes: 0 }));
    const sorted = sortRows(chinese, columns, { column: 'name', descending: false }, 'zh-CN');
    expect(sorted.map(({ name }) => name)).toEqual(['李', '王', '张']);
  });
});
