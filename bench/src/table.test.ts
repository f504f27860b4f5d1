import { describe, expect, it } from '@jest/globals';
import { table } from './table.ts';

describe('table', () => {
  it('aligns names to the left and figures to the right', () => {
    expect(
      table(
        ['', 'requests/s', 'ratio'],
        [
          ['direct', '1', ''],
          ['a longer name', '12,345', '2.50 x'],
        ],
      ),
    ).toEqual([
      '               requests/s   ratio',
      '-------------  ----------  ------',
      'direct                  1',
      'a longer name      12,345  2.50 x',
    ]);
  });
});
