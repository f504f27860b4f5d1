import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImageCommand } from './imageCommand.ts';

let directory: string;
let lines: string[];
let command: ImageCommand | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'davit-command-'));
  lines = [];
});
afterEach(async () => {
  await command?.stop(100);
  rmSync(directory, { recursive: true, force: true });
});

const path = (name: string): string => join(directory, name);
const go = (): void => writeFileSync(path('go'), '');
const ran = (): number => {
  try {
    return readFileSync(path('ran'), 'utf8').length;
  } catch {
    return 0;
  }
};

function start(script: string): void {
  command = new ImageCommand({
    command: ['/bin/sh', '-c', `printf x >> ${path('ran')}; ${script}`],
    goFile: path('go'),
    env: process.env,
    log: (line) => lines.push(line),
    restartDelayMs: () => 20,
  });
  command.start();
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (condition()) return;
    await sleep(10);
  }
  throw new Error('waited in vain');
}

describe('the command of an image', () => {
  it('waits for the word to go, and is done when it ends with status 0', async () => {
    start('exit 0');
    await sleep(150);
    expect(ran()).toBe(0);
    go();
    await until(() => lines.length > 0);
    await sleep(100);
    expect([ran(), lines]).toEqual([1, ['the command of the image has ended.']]);
  });

  it('is started again when it fails', async () => {
    go();
    start('exit 3');
    await until(() => ran() >= 3);
    expect(lines[0]).toBe('the command of the image: It ended with status 3. It is started again.');
  });

  it('is ended with the agent, and not started again', async () => {
    go();
    start('sleep 60');
    await until(() => ran() === 1);
    await command?.stop(2000);
    await sleep(100);
    expect([ran(), lines]).toEqual([1, []]);
  });

  it('that is no program of the image is told in the log', async () => {
    go();
    command = new ImageCommand({
      command: ['/no/such/program'],
      goFile: path('go'),
      env: {},
      log: (line) => lines.push(line),
    });
    command.start();
    await until(() => lines.length > 0);
    expect(lines[0]).toContain('The program "/no/such/program" is not in this image.');
  });
});
