import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAgentClient, type AgentClient } from './agentClient.ts';

const STATUS = {
  contract: 1,
  startedAt: '2030-01-01T00:00:00.000Z',
  editors: [{ name: 'jupyterlab', phase: 'ready', restarts: 0, message: 'a\0b' }],
  memory: { usedBytes: 5, limitBytes: null },
  oomKills: 0,
  cpuUsageUs: null,
  activity: { lastInputAt: null, pagesOpen: 0, busy: null, busyReason: null, lastOutputAt: null },
};

let answer: (req: IncomingMessage, res: ServerResponse) => void;
let asked: IncomingMessage[];
let server: Server;
let client: AgentClient;
const ask = (basePath = '') => {
  const endpoint = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  return client.status({ endpoint, basePath, secret: 'seecret' }, new AbortController().signal);
};
const json = (res: ServerResponse, body: unknown): void => {
  res.setHeader('content-type', 'application/json');
  res.end(typeof body === 'string' ? body : JSON.stringify(body));
};

beforeEach(async () => {
  asked = [];
  client = createAgentClient();
  server = createServer((req, res) => {
    asked.push(req);
    answer(req, res);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await client.dispose();
});

describe('the agent’s status', () => {
  it('is asked for with the secret below the base path', async () => {
    answer = (_, res) => json(res, STATUS);
    expect(await ask('/s/abc')).toMatchObject({ editors: [{ name: 'jupyterlab', phase: 'ready', message: 'ab' }] });
    expect(asked[0]!.url).toBe('/s/abc/__davit/status');
    expect(asked[0]!.headers['x-davit-secret']).toBe('seecret');
  });

  it.each<[string, (res: ServerResponse) => void]>([
    ['a refusal', (res) => res.writeHead(403).end()],
    ['a redirect', (res) => res.writeHead(302, { location: '/elsewhere' }).end()],
    ['something else than JSON', (res) => json(res, '<html>')],
    ['another shape', (res) => json(res, { ...STATUS, editors: 'many' })],
    [
      'too many editors',
      (res) => json(res, { ...STATUS, editors: Array.from({ length: 21 }, () => STATUS.editors[0]) }),
    ],
    ['a huge answer', (res) => json(res, JSON.stringify({ ...STATUS, junk: 'x'.repeat(100_000) }))],
    ['a cut connection', (res) => res.socket?.destroy()],
  ])('is not known after %s', async (_, respond) => {
    answer = (_req, res) => respond(res);
    await expect(ask()).rejects.toThrow();
    expect(asked).toHaveLength(1);
  });

  it.each<[string, (res: ServerResponse) => void]>([
    ['no answer', () => undefined],
    ['an answer that never ends', (res) => res.write('{')],
  ])('is not waited for longer than two seconds: %s', async (_, respond) => {
    answer = (_req, res) => respond(res);
    const began = performance.now();
    await expect(ask()).rejects.toThrow();
    expect(performance.now() - began).toBeGreaterThan(1500);
  });
});
