import { describe, expect, it } from '@jest/globals';
import { createOrigins } from '../domains/access/index.ts';
import { classifyHost } from './hosts.ts';

const ID = 'abcdefghijk1';
const common = { insecureHttp: false, instanceId: 'inst' };

describe('classifyHost', () => {
  const origins = createOrigins({
    ...common,
    publicUrl: new URL('http://localhost:8000'),
    serverUrl: 'http://s-{id}.localhost:8000',
  });

  it.each(['localhost:8000', 'LOCALHOST:8000'])('knows the hub by %s', (host) => {
    expect(classifyHost(host, origins)).toEqual({ kind: 'hub' });
  });

  it.each([`s-${ID}.localhost:8000`, `S-${ID.toUpperCase()}.localhost:8000`])('knows a server by %s', (host) => {
    expect(classifyHost(host, origins)).toEqual({ kind: 'server', serverId: ID });
  });

  it.each([
    undefined,
    '',
    'localhost',
    'localhost:8001',
    'localhost.:8000',
    '127.0.0.1:8000',
    'evil.example',
    `s-${ID}.localhost`,
    `s-${ID}.localhost:80000`,
    `s-${ID}x.localhost:8000`,
    's-short.localhost:8000',
    `s-${ID}.localhost:8000.evil.example`,
    `x.s-${ID}.localhost:8000`,
    `s-${ID}.evil.localhost:8000`,
    's-.localhost:8000',
    'user@localhost:8000',
    'localhost:8000@evil.example',
    'localhost:8000 ',
  ])('knows nobody by %j', (host) => {
    expect(classifyHost(host, origins)).toEqual({ kind: 'unknown' });
  });

  it('takes the default port as no port', () => {
    const https = createOrigins({
      ...common,
      publicUrl: new URL('https://hub.example.org'),
      serverUrl: 'https://s-{id}.servers.example.net',
    });
    expect(classifyHost('hub.example.org:443', https)).toEqual({ kind: 'hub' });
    expect(classifyHost(`s-${ID}.servers.example.net:443`, https)).toEqual({ kind: 'server', serverId: ID });
    expect(classifyHost('hub.example.org:80', https)).toEqual({ kind: 'unknown' });
  });

  it('tells the host whose paths name servers', () => {
    const paths = createOrigins({
      ...common,
      publicUrl: new URL('http://localhost:8000'),
      serverUrl: 'http://127.0.0.1:8000/s/{id}',
    });
    expect(classifyHost('127.0.0.1:8000', paths)).toEqual({ kind: 'server-paths' });
    expect(classifyHost('localhost:8000', paths)).toEqual({ kind: 'hub' });
    expect(classifyHost(`s-${ID}.localhost:8000`, paths)).toEqual({ kind: 'unknown' });
  });
});
