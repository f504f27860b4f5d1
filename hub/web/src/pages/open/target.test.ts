import { describe, expect, it } from '@jest/globals';
import { targetOf } from './target.ts';

const BOTH = ['jupyterlab', 'code-server'] as const;

describe('targetOf', () => {
  it.each([
    ['/code-server/', { editor: 'code-server', path: '/code-server/' }],
    ['/code-server/?folder=/data', { editor: 'code-server', path: '/code-server/?folder=/data' }],
    ['/jupyterlab/lab/tree/work', { editor: 'jupyterlab', path: '/jupyterlab/lab/tree/work' }],
    ['/s/abcdefghijkl/code-server/', { editor: 'code-server', path: '/code-server/' }],
    ['/port/8080/app', { port: 8080, path: '/port/8080/app' }],
    ['/s/abcdefghijkl/port/3000/', { port: 3000, path: '/port/3000/' }],
  ])('finds what %s belongs to', (path, target) => {
    expect(targetOf(path, BOTH)).toEqual(target);
  });

  it.each(['', '/', '/favicon.ico', '/desktop/', '/port/0/', '/port/70000/', '/port/1e3/', '/port/'])(
    'leads %s to the first editor',
    (path) => {
      expect(targetOf(path, BOTH)).toEqual({ editor: 'jupyterlab' });
    },
  );

  it('has nothing to open where there is no editor', () => {
    expect(targetOf('/', [])).toEqual({ editor: undefined });
  });
});
