import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { Directory } from '../test/directory.ts';
import { terminalTimes } from './terminals.ts';

let directory: Directory;
beforeEach(() => {
  directory = new Directory();
});
afterEach(() => directory.remove());

/** A file with the times that the kernel gives to a terminal; seconds. */
function terminal(name: string, inputAt: number, outputAt: number): void {
  utimesSync(directory.write(name, ''), inputAt, outputAt);
}

describe('terminalTimes', () => {
  it('tells the last output and the last keys of all terminals', () => {
    terminal('0', 1000, 2000);
    terminal('12', 1500, 500);
    terminal('ptmx', 9000, 9000);
    expect(terminalTimes(directory.path)).toEqual({ inputAt: 1_500_000, outputAt: 2_000_000 });
  });

  it('knows of nothing where there is no terminal, or no such directory', () => {
    const none = { inputAt: undefined, outputAt: undefined };
    expect(terminalTimes(directory.path)).toEqual(none);
    expect(terminalTimes(join(directory.path, 'missing'))).toEqual(none);
  });
});
