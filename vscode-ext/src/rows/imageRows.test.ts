import { describe, expect, it } from '@jest/globals';
import { at, chinese, english, image, job, NOW } from '../../test/samples.ts';
import { imageRows } from './imageRows.ts';
import type { Row } from './row.ts';

const flat = (rows: readonly Row[]): Row[] => rows.flatMap((row) => [row, ...flat(row.children ?? [])]);
const brief = (rows: readonly Row[]) => flat(rows).map(({ label, description }) => [label, description]);

describe('the rows of images', () => {
  it('begin with saves on their way, then the library by origin', () => {
    const images = [
      image(),
      image({ id: '2', version: '0', visibility: 'public', shares: [{ kind: 'group', id: 'x', name: 'lab' }] }),
      image({ id: '3', name: 'course', origin: 'shared', ownerName: 'grace' }),
      image({ id: '4', name: 'base', origin: 'built-in', ownerName: null, phase: 'absent', sizeBytes: null }),
    ];
    expect(brief(imageRows(images, [job()], NOW, english))).toEqual([
      ['env:2', 'saving 62 % · 1 GiB of 2 GiB'],
      ['Mine', '2'],
      ['env:1', '2 GiB'],
      ['env:0', '2 GiB · public · shared'],
      ['Shared with me', '1'],
      ['course:1', 'grace · 2 GiB'],
      ['Built in', '1'],
      ['base:1', 'built when first needed'],
    ]);
  });

  it('offer the first step to a person without images', () => {
    const [mine] = imageRows([], [], NOW, chinese);
    expect(mine?.label).toBe('我的');
    expect(mine?.children).toMatchObject([{ label: '还没有保存过镜像', command: 'davit.saveImage' }]);
  });

  it('show a failed save with its reason for some hours, and forget what ended well', () => {
    const jobs = [
      job({ id: '1', phase: 'failed', reason: 'The disk is full.', endedAt: at(-60_000) }),
      job({ id: '2', phase: 'failed', reason: 'Old.', endedAt: at(-24 * 3_600_000) }),
      job({ id: '3', phase: 'done', endedAt: at(-60_000) }),
      job({ id: '4', phase: 'cancelled', endedAt: at(-60_000) }),
    ];
    const rows = imageRows([], jobs, NOW, english).filter(({ id }) => id.startsWith('job:'));
    expect(rows).toMatchObject([
      { id: 'job:1', description: 'The disk is full.', contextValue: 'davit.job.ended', command: 'davit.showLog' },
    ]);
  });

  it('say in Chinese what the hub wrote, and leave what people wrote', () => {
    const failed = job({ phase: 'failed', reason: 'The server is gone.', endedAt: at(-60_000) });
    const known = { title: 'Desktop', description: 'For the thesis' };
    const images = [image({ id: '1', ...known }), image({ id: '2', ...known, origin: 'built-in', name: 'desktop' })];
    const [row, ...others] = flat(imageRows(images, [failed], NOW, chinese));
    expect(row?.description).toBe('服务器已不存在。');
    expect(row?.tooltip).toContain('服务器已不存在。');
    const names = others.map(({ tooltip }) => tooltip?.[0]).filter((name) => name !== undefined);
    expect(names).toEqual(['env:1 (Desktop)', 'desktop:1 (桌面)']);
  });

  it('give each image the actions of its origin', () => {
    const images = [image(), image({ id: '2', visibility: 'public' }), image({ id: '3', origin: 'public' })];
    const contexts = flat(imageRows(images, [job()], NOW, english)).map(({ contextValue }) => contextValue);
    expect(contexts.filter((context) => context !== undefined)).toEqual([
      'davit.job.active',
      'davit.image.own.private',
      'davit.image.own.public',
      'davit.image.other',
    ]);
  });

  it('tell the rest on hover', () => {
    const row = flat(imageRows([image({ description: 'For the thesis' })], [], NOW, english)).find(
      ({ label }) => label === 'env:1',
    );
    expect(row?.tooltip).toEqual([
      'env:1',
      'For the thesis',
      'Owner: ada',
      'Size: 2 GiB',
      'Created from jupyterlab-vscode:1.0',
      expect.stringMatching(/^Created: /),
      'Editors: VS Code',
    ]);
  });
});
