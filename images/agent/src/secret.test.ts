import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Directory } from '../test/directory.ts';
import { SecretFile } from './secret.ts';

let directory: Directory;
let now: number;
let secret: SecretFile;

beforeEach(() => {
  directory = new Directory();
  now = 0;
  secret = new SecretFile(join(directory.path, 'secret'), () => now);
});

afterEach(() => directory.remove());

function replace(text: string): void {
  renameSync(directory.write('secret.new', text), join(directory.path, 'secret'));
}

describe('SecretFile', () => {
  it('accepts the content of the file without the newline at its end', () => {
    directory.write('secret', 'abc123\n');
    expect(secret.accepts('abc123')).toBe(true);
  });

  it.each([undefined, '', 'abc12', 'abc1234', 'ABC123', 'abc123\n', ['abc123']])('refuses %j', (header) => {
    directory.write('secret', 'abc123\n');
    expect(secret.accepts(header)).toBe(false);
  });

  it.each(['', '\n'])('accepts nothing while the file holds %j', (text) => {
    directory.write('secret', text);
    expect([secret.accepts(''), secret.accepts('\n')]).toEqual([false, false]);
  });

  it('accepts nothing while there is no file, and reads it as soon as there is one', () => {
    expect(secret.accepts('abc')).toBe(false);
    directory.write('secret', 'abc');
    expect(secret.accepts('abc')).toBe(true);
  });

  it('takes a new secret at once and forgets the old one within a second', () => {
    directory.write('secret', 'old');
    expect(secret.accepts('old')).toBe(true);
    replace('new');
    now = 500;
    expect(secret.accepts('new')).toBe(true);
    expect(secret.accepts('old')).toBe(false);
  });

  it('forgets the old secret even if nobody has used the new one', () => {
    directory.write('secret', 'old');
    expect(secret.accepts('old')).toBe(true);
    replace('new');
    now = 1000;
    expect(secret.accepts('old')).toBe(false);
  });

  it('accepts nothing any more when the file is removed', () => {
    directory.write('secret', 'old');
    expect(secret.accepts('old')).toBe(true);
    rmSync(join(directory.path, 'secret'));
    now = 1000;
    expect(secret.accepts('old')).toBe(false);
  });
});
