import { afterEach, describe, expect, it } from '@jest/globals';
import http from 'node:http';
import { until } from '../test/directory.ts';
import { BROKEN, ECHO, script, SLOW } from '../test/programs.ts';
import { Editor, type EditorOptions } from './editor.ts';
import type { EditorSpec } from './editorSpec.ts';

let editor: Editor | undefined;

afterEach(async () => {
  await editor?.stop(500);
});

function make(command: string[], options: Partial<EditorOptions> = {}, spec: Partial<EditorSpec> = {}): Editor {
  editor = new Editor(
    { name: 'lab', title: 'Lab', command, prefix: 'keep', ready: { path: '/lab/api' }, env: {}, ...spec },
    { basePath: '/s/abc', home: '/home/davit', env: process.env, log: () => undefined, ...options },
  );
  return editor;
}

async function get(port: number, path: string): Promise<{ url: string; env: Record<string, string>; pid: number }> {
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get({ host: '127.0.0.1', port, path, agent: false }, resolve).on('error', reject);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as { url: string; env: Record<string, string>; pid: number };
}

describe('an editor', () => {
  it('waits, starts, and is ready on a loopback port of its own', async () => {
    const lab = make(
      script(ECHO, '${PORT}'),
      { env: { ...process.env, KEPT: '1' } },
      { env: { PLACE: '${HOME}${BASE_PATH}' } },
    );
    expect(lab.state).toMatchObject({ name: 'lab', phase: 'waiting', restarts: 0 });
    expect(lab.port).toBeUndefined();
    lab.start();
    await until(() => lab.state.phase === 'ready');
    expect(lab.state).toEqual({ name: 'lab', phase: 'ready', restarts: 0 });
    const { env } = await get(lab.port!, '/');
    expect(env).toMatchObject({ KEPT: '1', PLACE: '/home/davit/s/abc' });
  });

  it('is not ready while it answers with errors of its own', async () => {
    const lab = make(script(SLOW, '${PORT}'));
    const began = Date.now();
    lab.start();
    await until(() => lab.state.phase === 'starting');
    expect(lab.state.message).toBe('Lab is starting.');
    await until(() => lab.state.phase === 'ready');
    expect(Date.now() - began).toBeGreaterThan(1000);
  });

  it('is started again after its end, on a port that works', async () => {
    const lab = make(script(ECHO, '${PORT}'), { restartDelayMs: () => 50 });
    lab.start();
    await until(() => lab.state.phase === 'ready');
    const before = await get(lab.port!, '/');
    await get(lab.port!, '/crash').catch(() => undefined);
    await until(() => lab.state.phase !== 'ready');
    expect(lab.port).toBeUndefined();
    await until(() => lab.state.phase === 'ready');
    expect(lab.state.restarts).toBe(1);
    expect((await get(lab.port!, '/')).pid).not.toBe(before.pid);
  });

  it('is called failed after three ends in a row, says why, and is still tried again', async () => {
    const waits: number[] = [];
    const restartDelayMs = (ends: number): number => {
      waits.push(ends);
      return 10;
    };
    const lab = make(script(BROKEN), { restartDelayMs });
    lab.start();
    await until(() => lab.state.phase === 'failed');
    expect(lab.state.message).toMatch(/^It ended with status 3\. It is started again in /);
    await until(() => waits.length > 5);
    expect(waits.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
    expect(lab.state.phase).toBe('failed');
  });

  it('says that its program is missing', async () => {
    const lab = make(['/nowhere/editor'], { restartDelayMs: () => 10 });
    lab.start();
    await until(() => lab.state.phase === 'failed');
    expect(lab.state.message).toContain('"/nowhere/editor" is not in this image');
  });

  it('stops for good, whatever it was doing', async () => {
    const ready = make(script(ECHO, '${PORT}'));
    ready.start();
    await until(() => ready.state.phase === 'ready');
    await ready.stop(1000);
    const { restarts } = ready.state;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(ready.state.restarts).toBe(restarts);

    const waiting = make(script(BROKEN), { restartDelayMs: () => 60_000 });
    waiting.start();
    await until(() => waiting.state.message!.startsWith('It ended'));
    await waiting.stop(1000);

    const barely = make(script(ECHO, '${PORT}'));
    barely.start();
    await barely.stop(1000);
    await make(script(ECHO, '${PORT}')).stop(1000);
  });
});
