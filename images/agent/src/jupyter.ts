import http from 'node:http';

/** What JupyterLab knows of the work that goes on inside it. */
export interface JupyterWork {
  busyKernels: number;
}

const TIMEOUT_MS = 3000;
const MAX_BYTES = 1024 * 1024;

/** Asks JupyterLab's API on the loopback interface. Rejects when it does not answer as expected: then nothing is known. */
export async function askJupyter(port: number, basePath: string): Promise<JupyterWork> {
  const kernels = await getList(port, `${basePath}/jupyterlab/api/kernels`);
  return { busyKernels: kernels.filter((kernel) => kernel['execution_state'] === 'busy').length };
}

function getList(port: number, path: string): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, agent: false, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const request = http.get(options, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > MAX_BYTES) answer.destroy(new Error('The answer is too long.'));
      });
      answer.on('error', reject);
      answer.on('end', () => {
        try {
          resolve(parseList(answer.statusCode, Buffer.concat(chunks).toString()));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
    request.on('error', reject);
  });
}

function parseList(status: number | undefined, text: string): Record<string, unknown>[] {
  const value: unknown = status === 200 ? JSON.parse(text) : undefined;
  if (!Array.isArray(value)) throw new Error(`JupyterLab answered ${status} and no list.`);
  return value.filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null);
}
