import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Directory } from '../test/directory.ts';
import { hasRunnable } from './runnable.ts';

let directory: Directory;
beforeEach(() => {
  directory = new Directory();
});
afterEach(() => directory.remove());

function program(pid: number, command: string, state: string): void {
  mkdirSync(join(directory.path, String(pid)));
  writeFileSync(join(directory.path, String(pid), 'stat'), `${pid} (${command}) ${state} 1 1 1 0`);
}

describe('hasRunnable', () => {
  it('finds a program that runs or waits for a CPU, whatever it is called', () => {
    program(1, 'tini', 'S');
    program(7, 'node', 'R');
    mkdirSync(join(directory.path, '9'));
    expect(hasRunnable(directory.path, 7)).toBe(false);
    program(12, ':-) S 1', 'R');
    expect(hasRunnable(directory.path, 7)).toBe(true);
  });

  it('knows nothing where processes cannot be seen', () => {
    expect(hasRunnable(join(directory.path, 'missing'))).toBeUndefined();
  });

  it('sees this very program on a real system', () => {
    expect(hasRunnable('/proc', 0)).toBe(true);
  });
});
