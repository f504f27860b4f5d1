import { describe, expect, it } from '@jest/globals';
import { AppError } from '../../platform/errors.ts';
import { openPath } from './open.ts';
import { requireQuota } from './quota.ts';
import {
  buildingImage,
  diskLimit,
  diskNearlyFull,
  exited,
  memoryText,
  ordinal,
  outOfMemory,
  programOutOfMemory,
  tooSlow,
} from './reasons.ts';
import { boundedTail } from './runStore.ts';
import { agentSecret } from './secrets.ts';
import { resourcesOf } from './sizes.ts';

describe('words', () => {
  it.each([
    [1, '1st'],
    [2, '2nd'],
    [3, '3rd'],
    [4, '4th'],
    [11, '11th'],
    [12, '12th'],
    [13, '13th'],
    [21, '21st'],
    [112, '112th'],
  ])('%i is %s', (n, text) => {
    expect(ordinal(n)).toBe(text);
  });

  it.each([
    [128, '128 MiB'],
    [1024, '1 GiB'],
    [1536, '1.5 GiB'],
    [24_083, '23.5 GiB'],
  ])('%i MiB is %s', (mb, text) => {
    expect(memoryText(mb)).toBe(text);
  });

  it.each([
    [0, 'exit code 0: its first process was told to end, or the machine was restarted'],
    [2, 'exit code 2'],
    [137, 'exit code 137: it was killed'],
    [159, 'exit code 159: signal 31'],
  ])('exit code %i is explained', (code, text) => {
    expect(exited(code).message).toContain(`(${text})`);
  });

  it('say what to do about memory and time', () => {
    expect(outOfMemory(512).message).toContain('limit 512 MiB');
    expect(programOutOfMemory(4096, 1)).toEqual({
      code: 'out-of-memory',
      message:
        'A program, such as a notebook’s kernel, was stopped because the 4 GiB of this server were used up. Save your work; then use less at once, or a server with more memory.',
      params: { memoryMb: 4096, kills: 1 },
    });
    expect(programOutOfMemory(512, 3).message).toMatch(/^3 programs, .* were stopped because the 512 MiB/);
    expect(diskNearlyFull(92, 20_480).message).toMatch(
      /^This server has written 92 % of the 20 GiB .* Move large files/,
    );
    expect(diskLimit(512).message).toMatch(/more than the 512 MiB .* Start it again/);
    expect(tooSlow(['code-server', 'desktop'], 5).message).toMatch(/^After 5 minutes VS Code and the desktop still/);
  });

  it('count percent by real steps only', () => {
    const progress = { image: 'base', step: 1, steps: 4, line: '' };
    expect(buildingImage(progress)).toMatchObject({
      progress: 0,
      reason: { message: 'Building the image base: step 1 of 4' },
    });
    expect(buildingImage({ ...progress, step: 4 }).progress).toBe(75);
    expect(buildingImage({ ...progress, step: 0, steps: 0 })).toMatchObject({
      progress: null,
      reason: { message: 'Preparing the image base' },
    });
  });
});

describe('requireQuota', () => {
  const limit = { servers: 3, cpu: 4, memoryMb: 16_384, gpu: 1 };
  const used = { servers: 2, cpu: 3, memoryMb: 12_288, gpu: 1 };
  const refusal = (asked: Partial<typeof limit>): string => {
    try {
      requireQuota(limit, used, { servers: 1, cpu: 0, memoryMb: 0, gpu: 0, ...asked });
      return 'fits';
    } catch (error) {
      return error instanceof AppError ? error.message : 'another error';
    }
  };
  it.each([
    [{}, 'fits'],
    [{ cpu: 1, memoryMb: 4096 }, 'fits'],
    [{ servers: 2 }, '2 of 3 servers of your quota are used up.'],
    [{ gpu: 1 }, '1 of 1 GPUs of your quota are in use and 1 were asked for.'],
    [{ cpu: 1.5 }, '3 of 4 CPU of your quota are in use and 1.5 were asked for.'],
    [{ memoryMb: 8192 }, '12 GiB of 16 GiB memory of your quota are in use and 8 GiB were asked for.'],
    [{ gpu: 2 }, '2 GPUs were asked for, your quota is 1.'],
  ])('%j: %s', (asked, text) => {
    expect(refusal(asked)).toContain(text);
  });
});

describe('resourcesOf', () => {
  it('fills what was left out from the smallest preset', () => {
    expect(resourcesOf({})).toEqual({ cpu: 1, memoryMb: 2048, gpu: 0 });
    expect(resourcesOf({ resources: { gpu: 1 } })).toEqual({ cpu: 1, memoryMb: 2048, gpu: 1 });
    expect(resourcesOf({ preset: 'large' })).toEqual({ cpu: 4, memoryMb: 8192, gpu: 0 });
  });
});

describe('boundedTail', () => {
  it('keeps 200 lines, each without NUL, whole characters and bounded', () => {
    const lines = Array.from({ length: 300 }, (_, n) => `line ${n}`);
    expect(boundedTail(lines)).toEqual(lines.slice(100));
    expect(boundedTail(['a\0b', '\ud800x'])).toEqual(['ab', '\ufffdx']);
    expect(boundedTail([`${'x'.repeat(1999)}😀😀`])[0]!.isWellFormed()).toBe(true);
    const kept = boundedTail(Array.from({ length: 200 }, () => 'y'.repeat(5000)));
    expect(kept.join('').length).toBeLessThanOrEqual(65_536);
    expect(kept[0]).toHaveLength(2000);
  });
});

describe('agentSecret', () => {
  it('is another for each instance, server and generation', () => {
    const [one, two] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const secrets = [
      agentSecret(one, 'a', 1),
      agentSecret(one, 'a', 2),
      agentSecret(one, 'b', 1),
      agentSecret(two, 'a', 1),
    ];
    expect(new Set(secrets).size).toBe(4);
    expect(agentSecret(one, 'a', 1)).toBe(secrets[0]);
    expect(secrets[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});

describe('openPath', () => {
  it.each([
    [{}, '/jupyterlab/'],
    [{ path: '/jupyterlab/lab/tree/a.ipynb?reset' }, '/jupyterlab/lab/tree/a.ipynb?reset'],
    [{ path: '/code-server/' }, '/jupyterlab/'],
    [{ path: '/jupyterlab-else/' }, '/jupyterlab/'],
    [{ port: 8080, path: '/port/8080/app' }, '/port/8080/app'],
    [{ port: 8080, path: '/port/80801/' }, '/port/8080/'],
  ])('leads %j to %s', (request, path) => {
    const row = { editors: ['jupyterlab'], phase: 'running', reason: null } as unknown as Parameters<
      typeof openPath
    >[0];
    expect(openPath(row, request)).toBe(path);
  });

  it('explains with the reason of the server', () => {
    const reason = outOfMemory(1024);
    const row = { editors: ['jupyterlab'], phase: 'failed', reason } as unknown as Parameters<typeof openPath>[0];
    expect(() => openPath(row, {})).toThrow(`This server has failed. ${reason.message}`);
    expect(() => openPath({ ...row, phase: 'starting', reason: null }, {})).toThrow(
      'This server is starting. Open it when it runs.',
    );
  });
});
