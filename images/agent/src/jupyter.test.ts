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
const TERMINALS = '/s/abc/jupyterlab/api/terminals';

describe('askJupyter', () => {
  it('counts busy kernels and finds the last word of a terminal', async () => {
    const port = await jupyter({
      [KERNELS]: [{ execution_state: 'busy' }, { execution_state: 'idle' }, { execution_state: 'busy' }, null],
      [TERMINALS]: [
        { name: '1', last_activity: '2030-01-01T10:00:00.000000Z' },
        { name: '2', last_activity: '2030-01-01T11:00:00.000000Z' },
        { name: '3' },
      ],
    });
    const terminalAt = Date.parse('2030-01-01T11:00:00Z');
    expect(await askJupyter(port, '/s/abc')).toEqual({ busyKernels: 2, terminalAt });
  });

  it('knows of no output where there is no terminal', async () => {
    const port = await jupyter({ [KERNELS]: [], [TERMINALS]: [] });
    expect(await askJupyter(port, '/s/abc')).toEqual({ busyKernels: 0, terminalAt: undefined });
  });

  it.each([
    ['an error', {}],
    ['something else', { [KERNELS]: { message: 'x' }, [TERMINALS]: [] }],
    ['no JSON', { [KERNELS]: '<html>', [TERMINALS]: [] }],
    ['far too much', { [KERNELS]: `[${' '.repeat(2_000_000)}]`, [TERMINALS]: [] }],
  ])('rejects when it gets %s', async (_name, answers) => {
    const port = await jupyter(answers);
    await expect(askJupyter(port, '/s/abc')).rejects.toThrow();
  });

  it('rejects when nothing listens', async () => {
    await expect(askJupyter(1, '')).rejects.toThrow();
  });
});
