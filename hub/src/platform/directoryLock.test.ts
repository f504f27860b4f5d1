import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockDirectory } from './directoryLock.ts';
import { beganAt } from './processes.ts';

let directory: string;
let children: ChildProcess[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'davit-lock-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
});

const lock = () => lockDirectory({ directory, name: 'hub.lock', otherwise: 'a DAVIT_DATA_DIR and a DAVIT_PORT' });
const locked = () => readFileSync(join(directory, 'hub.lock'), 'utf8');
const leave = (text: string) => writeFileSync(join(directory, 'hub.lock'), text);

/** Another process that has the lock. */
async function holder(): Promise<ChildProcess & { pid: number }> {
  const module = join(import.meta.dirname, 'directoryLock.ts');
  const program = `import { lockDirectory } from ${JSON.stringify(module)};
    lockDirectory({ directory: ${JSON.stringify(directory)}, name: 'hub.lock', otherwise: '' });
    console.log('locked');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child as typeof child & { pid: number };
}

describe('a lock on a directory', () => {
  it('is refused while another process has it, and says which, where and what to do', async () => {
    const { pid } = await holder();
    expect(lock).toThrow(
      `Davit runs already: process ${pid} uses the data directory ${directory}. Stop that one first (Ctrl-C where it runs, or kill ${pid}), or give this one a DAVIT_DATA_DIR and a DAVIT_PORT of its own.`,
    );
    expect(locked()).toContain(`${pid} `);
    expect(readdirSync(directory)).toEqual(['hub.lock']);
  });

  it('is free again after kill -9, also while nobody has asked about the ended process', async () => {
    const child = await holder();
    child.kill('SIGKILL');
    // In this very turn of the event loop, in which Node cannot have asked.
    while (beganAt(child.pid) !== undefined);
    lock();
    expect(locked()).toBe(`${process.pid} ${beganAt(process.pid)}\n`);
    expect(readdirSync(directory)).toEqual(['hub.lock']);
  });

  it('is not that of a later process with the same id', async () => {
    const { pid } = await holder();
    leave(`${pid} 12\n`);
    lock();
    expect(locked()).toContain(`${process.pid} `);
  });

  it.each(['', 'x y\n', '0 1\n', `${process.pid} 12\n`])('is free when what is left says %j', (left) => {
    leave(left);
    lock();
    expect(locked()).toContain(`${process.pid} `);
  });

  it('can be given back, once', () => {
    const release = lock();
    release();
    expect(readdirSync(directory)).toEqual([]);
    leave('1 1\n');
    release();
    expect(locked()).toBe('1 1\n');
  });

  it('is of its name: hubs that share a directory have one each', async () => {
    await holder();
    lockDirectory({ directory, name: 'hub-8001.lock', otherwise: 'a DAVIT_PORT' });
    expect(readdirSync(directory).sort()).toEqual(['hub-8001.lock', 'hub.lock']);
  });
});
