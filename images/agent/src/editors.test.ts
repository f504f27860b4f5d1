import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { Directory, until } from '../test/directory.ts';
import { ECHO, script } from '../test/programs.ts';
import { Editors } from './editors.ts';

let directory: Directory;
let editors: Editors | undefined;
let said: string[];

beforeEach(() => {
  directory = new Directory();
  said = [];
});

afterEach(async () => {
  await editors?.stop(500);
  directory.remove();
});

function make(names: string[]): Editors {
  editors = new Editors({
    names,
    directory: directory.path,
    goFile: join(directory.path, 'go'),
    basePath: '',
    home: '/home/davit',
    env: process.env,
    log: (message) => said.push(message),
  });
  return editors;
}

function describeEditor(name: string): void {
  const spec = { name, command: script(ECHO, '${PORT}'), prefix: 'strip', ready: { path: '/' } };
  directory.write(`${name}.json`, JSON.stringify(spec));
}

describe('Editors', () => {
  it('start none before the go, and all of them after it', async () => {
    describeEditor('one');
    describeEditor('two');
    const all = make(['two', 'one']);
    all.start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(all.states().map(({ name, phase }) => [name, phase])).toEqual([
      ['two', 'waiting'],
      ['one', 'waiting'],
    ]);
    directory.write('go', '');
    await until(() => all.states().every(({ phase }) => phase === 'ready'));
    expect(all.get('one')?.port).not.toBe(all.get('two')?.port);
  });

  it('show one that the image describes badly or not at all as failed, and run the others', async () => {
    describeEditor('good');
    directory.write('bad.json', '{}');
    directory.write('go', '');
    const all = make(['bad', 'missing', 'good']);
    all.start();
    await until(() => all.state('good')?.phase === 'ready');
    expect(all.state('bad')).toMatchObject({ phase: 'failed', message: expect.stringContaining('not valid') });
    expect(all.state('missing')).toMatchObject({ phase: 'failed', message: expect.stringContaining('does not carry') });
    expect(said).toHaveLength(2);
    expect(all.state('other')).toBeUndefined();
  });

  it('may be none, and may be stopped before the go', async () => {
    const none = make([]);
    none.start();
    expect(none.states()).toEqual([]);
    await none.stop(100);
    directory.write('go', '');
  });
});
