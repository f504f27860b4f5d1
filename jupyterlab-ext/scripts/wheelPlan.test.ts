import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { packageFiles, wheelFiles, wheelName, type WheelParts } from './wheelPlan.ts';

const PARTS: WheelParts = {
  version: '1.2.3',
  description: 'What it is',
  license: 'Do what you like.',
  readme: '# Read me',
  extension: [{ path: 'static/remoteEntry.js', content: Buffer.from('code') }],
  module: [{ path: '__init__.py', content: Buffer.from('"""Doc."""') }],
  chinese: { Cancel: '取消', '%1 file': { many: '%1 个文件' } },
};

function textOf(path: string): string {
  const file = wheelFiles(PARTS).find((one) => one.path === path);
  return Buffer.from(file?.content ?? []).toString('utf8');
}

describe('the wheel', () => {
  it('has the name and the places that pip demands', () => {
    expect(wheelName('1.2.3')).toBe('jupyterlab_davit-1.2.3-py3-none-any.whl');
    expect(wheelFiles(PARTS).map(({ path }) => path)).toEqual([
      'jupyterlab_davit-1.2.3.data/data/share/jupyter/labextensions/jupyterlab-davit/install.json',
      'jupyterlab_davit-1.2.3.data/data/share/jupyter/labextensions/jupyterlab-davit/static/remoteEntry.js',
      'jupyterlab_davit-1.2.3.dist-info/METADATA',
      'jupyterlab_davit-1.2.3.dist-info/WHEEL',
      'jupyterlab_davit-1.2.3.dist-info/entry_points.txt',
      'jupyterlab_davit-1.2.3.dist-info/licenses/LICENSE',
      'jupyterlab_davit/__init__.py',
      'jupyterlab_davit/locale/zh_CN/LC_MESSAGES/jupyterlab_davit.json',
      'jupyterlab_davit-1.2.3.dist-info/RECORD',
    ]);
  });

  it('records the hash and length of every file, and itself without', () => {
    const lines = textOf('jupyterlab_davit-1.2.3.dist-info/RECORD').trimEnd().split('\n');
    const hash = createHash('sha256').update('"""Doc."""').digest('base64url');
    expect(lines).toHaveLength(wheelFiles(PARTS).length);
    expect(lines).toContain(`jupyterlab_davit/__init__.py,sha256=${hash},10`);
    expect(lines.at(-1)).toBe('jupyterlab_davit-1.2.3.dist-info/RECORD,,');
  });

  it('carries the translations in the form in which JupyterLab looks for them', () => {
    expect(textOf('jupyterlab_davit-1.2.3.dist-info/entry_points.txt')).toBe(
      '[jupyterlab.locale]\njupyterlab_davit = jupyterlab_davit\n',
    );
    const catalogue: unknown = JSON.parse(textOf('jupyterlab_davit/locale/zh_CN/LC_MESSAGES/jupyterlab_davit.json'));
    expect(catalogue).toMatchObject({
      '': { domain: 'jupyterlab_davit', language: 'zh-CN' },
      Cancel: ['取消'],
      '%1 file': ['%1 个文件', ''],
    });
  });

  it('says what it is', () => {
    const metadata = textOf('jupyterlab_davit-1.2.3.dist-info/METADATA');
    expect(metadata).toMatch(/^Metadata-Version: 2\.\d\nName: jupyterlab-davit\nVersion: 1\.2\.3\n/);
    expect(metadata).toMatch(/\n\n# Read me$/);
  });
});

describe('the halves of the package', () => {
  it('part what Python imports from what JupyterLab serves', () => {
    const { python, served } = packageFiles(PARTS);
    expect(python.every(({ path }) => path.startsWith('jupyterlab_davit'))).toBe(true);
    expect(served.every(({ path }) => path.startsWith('share/jupyter/labextensions/jupyterlab-davit/'))).toBe(true);
  });
});
