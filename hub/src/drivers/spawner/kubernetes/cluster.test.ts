import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KubeConfig } from '@kubernetes/client-node';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Cluster } from './cluster.ts';
import { KubeApi } from './kubeApi.ts';

const signal = () => AbortSignal.timeout(10_000);

describe('a list in pages', () => {
  let server: Server;
  let api: KubeApi;
  let asked: (string | null)[];
  /** What the server says to each `continue`; the first of several at the first time. */
  let pages: Record<string, { status: number; body: object }[]>;

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      const token = new URL(request.url ?? '', 'http://x').searchParams.get('continue');
      asked.push(token);
      const all = pages[token ?? ''] ?? [];
      const { status, body } = (all.length > 1 ? all.shift() : all[0]) ?? { status: 404, body: {} };
      response.writeHead(status).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const config = new KubeConfig();
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    config.loadFromClusterAndUser({ name: 'c', server: url, skipTLSVerify: true }, { name: 'u', token: 'x' });
    api = new KubeApi(config, () => 0);
  });
  afterEach(async () => {
    await api.dispose();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const page = (next: string, ...names: string[]) => ({
    status: 200,
    body: { metadata: { continue: next }, items: names.map((name) => ({ metadata: { name } })) },
  });
  const names = async () =>
    (await new Cluster(api, 'hub000000001', 'davit').pods(signal())).map(({ metadata }) => metadata?.name);

  it('is whole', async () => {
    pages = { '': [page('p2', 'a', 'b')], p2: [page('', 'c')] };
    expect(await names()).toEqual(['a', 'b', 'c']);
    expect(asked).toEqual([null, 'p2']);
  });

  it.each([
    ['the status alone', { status: 410, body: { message: 'gone' } }],
    [
      'the word alone',
      { status: 400, body: { reason: 'Expired', message: 'The provided continue parameter is too old' } },
    ],
  ])('begins anew when its next page is gone, told by %s', async (_, gone) => {
    pages = { '': [page('p2', 'a', 'b'), page('', 'a', 'c')], p2: [gone] };
    expect(await names()).toEqual(['a', 'c']);
    expect(asked).toEqual([null, 'p2', null]);
  });

  it('fails when its first page is gone: nothing else would come of asking again', async () => {
    pages = { '': [{ status: 410, body: { message: 'gone' } }] };
    await expect(names()).rejects.toThrow('gone');
    expect(asked).toHaveLength(1);
  });
});
