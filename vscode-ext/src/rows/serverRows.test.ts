import { describe, expect, it } from '@jest/globals';
import { at, chinese, comingRelease, english, metrics, NOW, releaseState, server } from '../../test/samples.ts';
import type { Language } from '../i18n/language.ts';
import { releaseText, serverRows, type ServerView } from './serverRows.ts';
import { statusText } from './statusBar.ts';

const HOUR = 3_600_000;

function rows(change: Partial<ServerView> = {}, language: Language = english) {
  const view: ServerView = { server: server(), metrics, here: 'code-server', ...change };
  return serverRows(view, NOW, language);
}

const labels = (change?: Partial<ServerView>, language?: Language) =>
  rows(change, language).map(({ label, description }) => [label, description]);

describe('the rows of this server', () => {
  it('tell state, meters, release with its reason, other editors and ports', () => {
    expect(labels({ server: server({ ports: [{ port: 8080, program: 'node app.js' }] }) })).toEqual([
      ['lab', '4 CPU · 16 GiB · 1 GPU'],
      ['CPU', '4.0 of 4 cores  ▁█'],
      ['Memory', '3.3 GiB of 16 GiB  ▁▂'],
      ['GPU', '93 %'],
      ['Releases 2 hours after you leave', undefined],
      ['Kept alive: kernel busy', undefined],
      ['JupyterLab', 'still starting'],
      ['Ports', undefined],
    ]);
  });

  it('say the same in Chinese', () => {
    expect(labels({}, chinese).map(([label]) => label)).toEqual([
      'lab',
      'CPU',
      '内存',
      'GPU',
      '离开 2 小时后释放',
      '保持运行：内核正在运行',
      'JupyterLab',
      '端口',
    ]);
  });

  it('have the actions that fit', () => {
    const all = rows({
      server: server({ readyEditors: ['jupyterlab', 'code-server'], ports: [{ port: 8080, program: null }] }),
    });
    const flat = all.flatMap((row) => [row, ...(row.children ?? [])]);
    expect(flat.map(({ id, contextValue, command }) => [id, contextValue, command])).toEqual([
      ['state', 'davit.server', undefined],
      ['cpu', undefined, undefined],
      ['memory', undefined, undefined],
      ['gpu', undefined, undefined],
      ['release', 'davit.release', undefined],
      ['because', undefined, undefined],
      ['editor:jupyterlab', 'davit.editor', 'davit.openEditor'],
      ['ports', undefined, undefined],
      ['port:8080', 'davit.port', 'davit.openPort'],
    ]);
  });

  it('say whether no app listens, or the image is too old to tell', () => {
    expect(labels().at(-1)).toEqual(['Ports', 'no app listens']);
    expect(labels({ server: server({ ports: null }) }).at(-1)).toEqual(['Ports', 'not known']);
  });

  it('say what is not measured, and nothing of cards that are not there', () => {
    const small = server({ resources: { cpu: 0.5, memoryMb: 512, gpu: 0 }, release: null });
    expect(labels({ server: small, metrics: undefined }).slice(0, 4)).toEqual([
      ['lab', '0.5 CPU · 512 MiB'],
      ['CPU', 'not measured yet'],
      ['Memory', 'not measured yet'],
      ['JupyterLab', 'still starting'],
    ]);
  });
});

describe('when a server is released', () => {
  it.each([
    [comingRelease, 'Released in 20 min', '20 分钟后释放'],
    [releaseState({ releaseAt: at(-5) }), 'Released any moment', '随时会释放'],
    [releaseState({ keepUntil: at(1.5 * HOUR) }), 'Kept for 1 h 30 min', '再保留 1 小时 30 分钟'],
    [releaseState({ keepUntil: at(-HOUR) }), 'Releases 2 hours after you leave', '离开 2 小时后释放'],
    [releaseState({ policy: 'manual' }), 'Never released by itself', '从不自动释放'],
    [
      releaseState({ policy: 'automatic' }),
      'Releases 5 minutes after the last page is closed',
      '关闭最后一个页面 5 分钟后释放',
    ],
  ])('is told in words', (state, en, zh) => {
    expect(releaseText(state, NOW, english)).toBe(en);
    expect(releaseText(state, NOW, chinese)).toBe(zh);
  });
});

describe('the status bar', () => {
  it('has memory, GPU and time left on one line, and the rest in its tooltip', () => {
    const status = statusText({ server: server({ release: comingRelease }), metrics, lost: false }, NOW, english);
    expect(status.text).toBe('$(warning) 3.3/16 GiB · GPU 93 % · 20 min');
    expect(status.warn).toBe(true);
    expect(status.tooltip).toEqual([
      'lab: running 2 h 10 min',
      '4 CPU · 16 GiB · 1 GPU',
      'CPU: 4.0 of 4 cores',
      'Memory: 3.3 GiB of 16 GiB',
      'GPU: 93 %',
      'Released in 20 min',
    ]);
  });

  it('names the server while nothing is measured, and says when the hub is away', () => {
    const status = statusText({ server: server({ release: null }), metrics: undefined, lost: true }, NOW, english);
    expect(status.text).toBe('$(debug-disconnect) lab');
    expect(status.tooltip.at(-1)).toMatch('Not connected');
    expect(status.warn).toBe(false);
  });
});
