import { describe, expect, it } from '@jest/globals';
import { routeOf, type Route } from './route.ts';

const PREFIXES = new Map<string, 'keep' | 'strip'>([
  ['jupyterlab', 'keep'],
  ['code-server', 'strip'],
]);

function route(target: string, basePath = ''): Route {
  return routeOf(target, { basePath, ownPort: 7070, prefixOf: (name) => PREFIXES.get(name) });
}

describe.each(['', '/s/abc'])('below "%s"', (base) => {
  it.each<[string, Route]>([
    ['/jupyterlab/', { kind: 'editor', name: 'jupyterlab', path: `${base}/jupyterlab/` }],
    ['/jupyterlab/lab/tree/a?b=/c', { kind: 'editor', name: 'jupyterlab', path: `${base}/jupyterlab/lab/tree/a?b=/c` }],
    ['/code-server/', { kind: 'editor', name: 'code-server', path: '/' }],
    ['/code-server/?folder=/data', { kind: 'editor', name: 'code-server', path: '/?folder=/data' }],
    ['/code-server//x@x', { kind: 'editor', name: 'code-server', path: '//x@x' }],
    ['/code-server', { kind: 'redirect', location: `${base}/code-server/` }],
    ['/code-server?a=b', { kind: 'redirect', location: `${base}/code-server/?a=b` }],
    ['/jupyterlab', { kind: 'redirect', location: `${base}/jupyterlab/` }],
    ['/port/8000/', { kind: 'port', port: 8000, path: '/', prefix: `${base}/port/8000` }],
    ['/port/8000/a/..%2f?b', { kind: 'port', port: 8000, path: '/a/..%2f?b', prefix: `${base}/port/8000` }],
    ['/port/8000', { kind: 'redirect', location: `${base}/port/8000/` }],
    ['/port/8000?a', { kind: 'redirect', location: `${base}/port/8000/?a` }],
    ['/__davit/status', { kind: 'status' }],
    ['/__davit/status?x', { kind: 'status' }],
  ])('%s', (path, expected) => {
    expect(route(`${base}${path}`, base)).toEqual(expected);
  });

  it.each([
    ['/port/', 'must be followed by a port number'],
    ['/port', 'must be followed by a port number'],
    ['/port/abc/', 'must be followed by a port number'],
    ['/port/0/', 'must be followed by a port number'],
    ['/port/08000/', 'must be followed by a port number'],
    ['/port/+1/', 'must be followed by a port number'],
    ['/port/8000.5/', 'must be followed by a port number'],
    ['/port/80%30/', 'must be followed by a port number'],
    ['/port/123456/', 'must be followed by a port number'],
    ['/port/65536/', 'the highest is 65535'],
    ['/port/7070/', 'belongs to Davit itself'],
  ])('%s is a bad request', (path, message) => {
    expect(route(`${base}${path}`, base)).toEqual({
      kind: 'refused',
      status: 400,
      message: expect.stringContaining(message),
    });
  });

  it.each([
    '/',
    '/?a',
    '/desktop/',
    '/__davit/',
    '/__davit/statusx',
    '/__davit',
    '//jupyterlab/',
    '/jupyterlab%2f',
    '/PORT/1/',
  ])('%s leads nowhere', (path) => {
    expect(route(`${base}${path}`, base)).toMatchObject({ kind: 'refused', status: 404 });
  });
});

describe('a path of another server', () => {
  it.each(['/jupyterlab/', '/s/abcd/jupyterlab/', '/s/abc', '/s/ABC/jupyterlab/', 'http://x/s/abc/', '*', ''])(
    '%j',
    (target) => {
      expect(route(target, '/s/abc')).toMatchObject({ kind: 'refused', status: 404 });
    },
  );
});
