import { describe, expect, it } from '@jest/globals';
import { INFO } from '../../test/hubs.ts';
import { probe } from './probe.ts';

function answering(status: number, body: string): typeof fetch {
  return () => Promise.resolve(new Response(body, { status }));
}

describe('a look for the hub', () => {
  it('asks below the root of the server', async () => {
    let asked: unknown;
    await probe('/s/abcdefghijkl', (url) => {
      asked = url;
      return Promise.resolve(new Response('', { status: 404 }));
    });
    expect(asked).toBe('/s/abcdefghijkl/api/davit/v1/info');
  });

  it('finds one that says who it is', async () => {
    expect(await probe('', answering(200, JSON.stringify(INFO)))).toEqual({ is: 'hub', info: INFO });
  });

  it.each([
    [404, 'no such page'],
    [403, ''],
    [200, '<html>another app</html>'],
    [200, '{"api":2,"server":{"id":"x"}}'],
    [200, 'null'],
  ])('finds none behind %i %s', async (status, body) => {
    expect(await probe('', answering(status, body))).toEqual({ is: 'no-hub' });
  });

  it('tells a lost session from a hub that is gone', async () => {
    expect(await probe('', answering(401, ''))).toEqual({ is: 'signed-out' });
    expect(await probe('', answering(502, ''))).toEqual({ is: 'nothing' });
    expect(await probe('', () => Promise.reject(new TypeError('refused')))).toEqual({ is: 'nothing' });
  });
});
