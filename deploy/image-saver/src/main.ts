import { mkdir } from 'node:fs/promises';
import { loadConfig } from './config.ts';
import { RequestChecker } from './requests.ts';
import { Saver } from './saver.ts';
import { createSaverServer } from './server.ts';

/** One line of JSON on standard output. */
function log(entry: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
}

async function main(): Promise<void> {
  const config = loadConfig(process.env);
  await mkdir(config.workDir, { recursive: true, mode: 0o700 });
  const { node, certFile } = config;
  const checker = new RequestChecker({ node, certFile, now: () => new Date() });
  const saver = new Saver({ ...config, log });
  const server = createSaverServer({ checker, saver, log });
  // A save of gigabytes takes as long as it takes.
  server.requestTimeout = 30_000;
  const stop = (): void => {
    server.close();
    void saver.stop().then(() => server.closeAllConnections());
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  server.listen(config.port, () => log({ message: 'image saver listens', node, port: config.port }));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
