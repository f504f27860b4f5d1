import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SpawnWaits } from '../../../domains/servers/spawner.ts';
import { ClusterUnreachable, isTaken, plainError } from './errors.ts';
import { KubeApi } from './kubeApi.ts';

const signal = () => AbortSignal.timeout(10_000);

describe('KubeApi', () => {
  let server: Server;
  let api: KubeApi;
  let answers: RequestListener[];
  let asked: string[];

  beforeEach(async () => {
    [answers, asked] = [[], []];
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      const next = answers.length > 1 ? answers.shift() : answers[0];
      next?.(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    api = new KubeApi(configOf((server.address() as AddressInfo).port), () => 0);
  });
  afterEach(async () => {
    await api.dispose();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const says =
    (status: number, body: object): RequestListener =>
    (_, response) =>
      response.writeHead(status).end(JSON.stringify(body));

  it('asks again after 429 and 500', async () => {
    answers = [says(429, {}), says(500, { message: 'etcdserver: leader changed' }), says(200, { items: [] })];
    expect(await api.call('GET', '/list', { query: { limit: 5, continue: undefined }, signal: signal() })).toEqual({
      items: [],
    });
    expect(asked).toEqual(['GET /list?limit=5', 'GET /list?limit=5', 'GET /list?limit=5']);
  });

  it('waits longer each time, by a random part, and as long as the server asks', async () => {
    const waited = async (random: number, ...first: RequestListener[]) => {
      const own = new KubeApi(configOf((server.address() as AddressInfo).port), () => random);
      answers = [...first, says(200, {})];
      const began = performance.now();
      await own.call('GET', '/list', { signal: signal() });
      await own.dispose();
      return performance.now() - began;
    };
    const [busy, twice] = [says(500, {}), [says(500, {}), says(500, {})]];
    expect(await waited(0, busy)).toBeGreaterThanOrEqual(99);
    expect(await waited(1, busy)).toBeGreaterThanOrEqual(199);
    expect(await waited(1, ...twice)).toBeGreaterThanOrEqual(599);
    const later: RequestListener = (_, response) => response.writeHead(429, { 'retry-after': '1' }).end('{}');
    expect(await waited(0, later)).toBeGreaterThanOrEqual(1099);
  });

  it('tells of a refused watch how long the server asks to wait', async () => {
    answers = [(_, response) => response.writeHead(429, { 'retry-after': '7' }).end('{}')];
    const watch = api.lines('/pods', { signal: signal() }).next();
    await expect(watch).rejects.toMatchObject({ status: 429, retryAfterMs: 7000 });
  });

  it('asks again when a quota was counted by another at the same time', async () => {
    const message = 'Operation cannot be fulfilled on resourcequotas "all": the object has been modified';
    answers = [says(409, { reason: 'Conflict', message }), says(201, { kind: 'Pod' })];
    expect(await api.call('POST', '/pods', { body: {}, signal: signal() })).toEqual({ kind: 'Pod' });
  });

  it('does not ask again after other refusals, and tells them', async () => {
    answers = [says(409, { reason: 'AlreadyExists', message: 'pods "x" already exists' })];
    const refusal = await api.call('POST', '/pods', { body: {}, signal: signal() }).catch((error: unknown) => error);
    expect(isTaken(refusal)).toBe(true);
    expect(asked).toHaveLength(1);
  });

  it('gives up in the end', async () => {
    answers = [says(503, { message: 'overloaded' })];
    await expect(api.call('GET', '/list', { signal: signal() })).rejects.toThrow('overloaded');
    expect(asked).toHaveLength(5);
  });

  it('is bounded by its signal while the server is silent', async () => {
    answers = [() => undefined];
    const call = api.call('GET', '/list', { signal: AbortSignal.timeout(200) });
    await expect(call).rejects.toThrow();
  });

  it('tells an API server that is not there as one that nothing is known from', async () => {
    const gone = new KubeApi(configOf(1), () => 0);
    const error: unknown = await gone.call('GET', '/list', { signal: signal() }).catch((cause: unknown) => cause);
    expect(plainError(error)).toBeInstanceOf(ClusterUnreachable);
  });

  it('tells a used-up quota as something to wait for', async () => {
    const message =
      'pods "x" is forbidden: exceeded quota: all, requested: requests.cpu=1, used: requests.cpu=4, limited: requests.cpu=4';
    answers = [says(403, { reason: 'Forbidden', message })];
    const error: unknown = await api
      .call('POST', '/pods', { body: {}, signal: signal() })
      .catch((cause: unknown) => cause);
    const plain = plainError(error);
    expect(plain).toBeInstanceOf(SpawnWaits);
    expect(plain).toMatchObject({
      reason: {
        code: 'no-free-cpu',
        message: 'Waits: the cluster’s quota for all servers together is used up (requests.cpu=4).',
        params: { limited: 'requests.cpu=4' },
      },
    });
  });
});

function configOf(port: number): KubeConfig {
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'c', server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: 'u', token: 'x' },
  );
  return config;
}
