import { describe, expect, it } from '@jest/globals';
import { firstSegment, pathProblem } from './paths.ts';

describe('pathProblem', () => {
  it.each([
    '/',
    '/jupyterlab/lab/tree/work/a%20b.ipynb',
    '/jupyterlab/api/contents/%E4%B8%AD%E6%96%87.ipynb?content=1',
    '/jupyterlab/api/contents/.hidden',
    '/jupyterlab/files/__init__.py',
    '/port/3000/a%2Fb',
    '/port/3000//double',
    '/port/3000/...',
    '/code-server/vscode-remote-resource?path=%2Fhome%2F..%2Fx&bad=%zz',
    '/port/3000/%E9t%E9',
    '/x/__davit/status',
  ])('lets %s pass', (path) => {
    expect(pathProblem(path)).toBeUndefined();
  });

  it.each([
    '',
    'jupyterlab',
    '*',
    '//x@x',
    '//evil.example/',
    '/\\evil.example',
    '/a\\b',
    '/a#b',
    '/%E0%A4%A',
    '/%',
    '/%zz',
    '/a%00b',
    '/..',
    '/../x',
    '/a/./b',
    '/..%2f',
    '/jupyterlab/..%2f__davit/status',
    '/jupyterlab/%2e%2e/__davit/status',
    '/jupyterlab/.%2E',
    '/jupyterlab/..%5cx',
    '/%2e/x',
  ])('refuses %s', (path) => {
    expect(pathProblem(path)).toBe('invalid');
  });

  it.each([
    '/__davit',
    '/__davit/status',
    '/__DAVIT/status',
    '/%5f%5fdavit/status',
    '/%255f%255fdavit/status',
    '/__dav%69t/status',
    '/__davit%2fstatus',
    '/%2f__davit/status',
    '/%5c__davit/status',
    '/__davit?x',
  ])('keeps %s to the hub', (path) => {
    expect(pathProblem(path)).toBe('reserved');
  });
});

describe('firstSegment', () => {
  it.each([
    ['/jupyterlab/lab', 'jupyterlab'],
    ['/jupyterlab?x=/y', 'jupyterlab'],
    ['/', ''],
  ])('of %s is %s', (path, segment) => {
    expect(firstSegment(path)).toBe(segment);
  });
});
