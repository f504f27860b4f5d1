import { afterEach, describe, expect, it } from '@jest/globals';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { askJupyter } from './jupyter.ts';

let server: http.Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function jupyter(answers: Record<string, unknown>): Promise<number> {
  server = http.createServer((req, res) => {
    const answer = answers[req.url ?? ''];
    res
      .writeHead(answer === undefined ? 404 : 200)
      .end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const KERNELS = '/s/abc/jupyterlab/api/kernels';

describe('askJupyter', () => {
  it('counts busy kernels', async () => {
    const kernels = ['busy', 'idle', 'busy', 'starting'].map((state) => ({ execution_state: state }));
    const port = await jupyter({ [KERNELS]: [...kernels, null] });
    expect(await askJupyter(port, '/s/abc')).toEqual({ busyKernels: 2 });
  });

  it.each([
    ['an error', {}],
    ['something else', { [KERNELS]: { message: 'x' } }],
    ['no JSON', { [KERNELS]: '<html>' }],
    ['far too much', { [KERNELS]: `[${' '.repeat(2_000_000)}]` }],
  ])('rejects when it gets %s', async (_name, answers) => {
    const port = await jupyter(answers);
    await expect(askJupyter(port, '/s/abc')).rejects.toThrow();
  });

  it('rejects when nothing listens', async () => {
    await expect(askJupyter(1, '')).rejects.toThrow();
  });
});
