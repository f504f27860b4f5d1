import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Directory, until } from '../test/directory.ts';
import { script, STUBBORN } from '../test/programs.ts';
import { ProcessGroup } from './processGroup.ts';

let directory: Directory;
let pidFile: string;

beforeEach(() => {
  directory = new Directory();
  pidFile = join(directory.path, 'pids');
});

afterEach(() => directory.remove());

function start(...command: string[]): ProcessGroup {
  return new ProcessGroup({ command, env: process.env });
}

/** Leader and child of a program that says their ids. */
async function pids(): Promise<[number, number]> {
  await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith(']'));
  return JSON.parse(readFileSync(pidFile, 'utf8')) as [number, number];
}

function isAlive(pid: number): boolean {
  try {
    // A zombie answers to signals; what counts is that it no longer runs.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('ProcessGroup', () => {
  it.each([
    ['process.exit(3)', 'It ended with status 3.'],
    ['process.kill(process.pid, "SIGKILL")', 'It was ended by SIGKILL.'],
  ])('says how %s ended', async (text, reason) => {
    expect(await start(...script(text)).ended).toMatchObject({ reason });
  });

  it('says when there is no such program', async () => {
    const { reason } = await start('/nowhere/editor').ended;
    expect(reason).toBe('The program "/nowhere/editor" is not in this image.');
  });

  it('makes the kernel prefer it when memory is used up', async () => {
    const text = `require('node:fs').writeFileSync(process.argv[1], JSON.stringify([process.pid, 0])); setInterval(() => {}, 1000)`;
    const group = start(...script(text, pidFile));
    const [pid] = await pids();
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).toBe('500');
    await group.stop(1000);
  });

  it('is asked to end, and does', async () => {
    const text = `process.on('SIGTERM', () => process.exit(0)); require('node:fs').writeFileSync(process.argv[1], '[1,1]'); setInterval(() => {}, 1000)`;
    const group = start(...script(text, pidFile));
    await pids();
    await group.stop(60_000);
    expect(await group.ended).toMatchObject({ reason: 'It ended with status 0.' });
  });

  it('is ended by force with all its children when it takes no notice', async () => {
    const group = start(...script(STUBBORN, '0', pidFile));
    const [leader, child] = await pids();
    expect([isAlive(leader), isAlive(child)]).toEqual([true, true]);
    await group.stop(100);
    await until(() => !isAlive(leader) && !isAlive(child));
  });

  it('leaves no children behind when its leader ends by itself', async () => {
    const group = start(...script(STUBBORN, '0', pidFile));
    const [leader, child] = await pids();
    process.kill(leader, 'SIGKILL');
    await group.ended;
    await until(() => !isAlive(child));
  });
});
