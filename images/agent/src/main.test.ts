import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Directory, until } from '../test/directory.ts';
import { script, STUBBORN } from '../test/programs.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

let directory: Directory;
let agent: ChildProcess | undefined;
let said: string;

beforeEach(() => {
  directory = new Directory();
  directory.write('go', '');
  said = '';
});

afterEach(() => {
  agent?.kill('SIGKILL');
  directory.remove();
});

function start(env: NodeJS.ProcessEnv): Promise<number | null> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      DAVIT_AGENT_HOST: '127.0.0.1',
      DAVIT_AGENT_PORT: '0',
      DAVIT_RUN_DIR: directory.path,
      DAVIT_EDITORS_DIR: directory.path,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  agent = child;
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  return new Promise((resolve) => child.on('exit', resolve));
}

describe('the agent as a process', () => {
  it('ends within eight seconds with an editor that takes no notice', async () => {
    const pidFile = join(directory.path, 'pids');
    const command = script(STUBBORN, '${PORT}', pidFile);
    directory.write('lab.json', JSON.stringify({ name: 'lab', command, prefix: 'strip', ready: { path: '/' } }));
    const ended = start({ DAVIT_EDITORS: 'lab' });
    await until(() => existsSync(pidFile));
    const [pid] = JSON.parse(readFileSync(pidFile, 'utf8')) as [number, number];
    const began = Date.now();
    agent?.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(Date.now() - began).toBeLessThan(8000);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('says what is wrong with its environment and ends', async () => {
    expect(await start({ DAVIT_BASE_PATH: 'x', MEM_LIMIT: 'y' })).toBe(1);
    expect(said).toMatch(/DAVIT_BASE_PATH.*MEM_LIMIT/);
  });

  it('says that its port is taken and ends', async () => {
    const first = start({});
    await until(() => /listening on port \d+/.test(said));
    const [, port] = /listening on port (\d+)/.exec(said) ?? [];
    const running = agent;
    expect(await start({ DAVIT_AGENT_PORT: port })).toBe(1);
    expect(said).toContain('cannot listen');
    running?.kill('SIGTERM');
    expect(await first).toBe(0);
  });
});
