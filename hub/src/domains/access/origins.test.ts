import { describe, expect, it } from '@jest/globals';
import { createOrigins } from './origins.ts';

const ID = 'abcdefghijkl';
const common = { publicUrl: new URL('http://localhost:8000'), insecureHttp: false, instanceId: 'inst' };

describe('createOrigins', () => {
  it('gives each server a host of its own', () => {
    const origins = createOrigins({ ...common, serverUrl: 'http://s-{id}.localhost:8000' });
    expect(origins.mode).toBe('host');
    expect(origins.serverOrigin(ID)).toBe(`http://s-${ID}.localhost:8000`);
    expect(origins.basePath(ID)).toBe('');
    expect(origins.serverPort).toBe('8000');
    expect(origins.serverCookie(ID, 'x')).toBe('__Host-davit-s-inst=x; Path=/; Secure; HttpOnly; SameSite=Lax');
  });

  it('gives each server a path on one other host, and cookies that stay below it', () => {
    const origins = createOrigins({ ...common, serverUrl: 'http://127.0.0.1:8000/s/{id}' });
    expect(origins.mode).toBe('path');
    expect(origins.serverOrigin(ID)).toBe('http://127.0.0.1:8000');
    expect(origins.basePath(ID)).toBe(`/s/${ID}`);
    expect(origins.serverCookie(ID, 'x')).toBe(`davit-s-${ID}-inst=x; Path=/s/${ID}/; Secure; HttpOnly; SameSite=Lax`);
  });

  it('leaves out what browsers refuse on plain http', () => {
    const origins = createOrigins({ ...common, serverUrl: 'http://s-{id}.lab.example:8000', insecureHttp: true });
    expect(origins.serverCookie(ID, 'x')).toBe('davit-s-inst=x; Path=/; HttpOnly; SameSite=Lax');
  });

  it('knows the default port of https', () => {
    const origins = createOrigins({ ...common, serverUrl: 'https://s-{id}.example.org/' });
    expect(origins.serverOrigin(ID)).toBe(`https://s-${ID}.example.org`);
    expect(origins.serverPort).toBe('443');
  });

  it.each([
    'http://servers.localhost:8000',
    'http://s-{id}.{id}.localhost:8000',
    'http://127.0.0.1:8000/{id}',
    'http://127.0.0.1:8000/x/s/{id}',
    'http://s-{id}.localhost:8000/x',
    'http://s-{id}.localhost:8000/?x',
    'http://localhost:9000/s/{id}',
    '{id}',
  ])('refuses the template %s', (serverUrl) => {
    expect(() => createOrigins({ ...common, serverUrl })).toThrow();
  });
});
