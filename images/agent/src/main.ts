import { Agent } from './agent.ts';
import { loadConfig } from './config.ts';

function log(message: string): void {
  process.stderr.write(`davit: ${message}\n`);
}

function main(): void {
  let agent: Agent;
  try {
    agent = new Agent({ config: loadConfig(process.env), env: process.env, log });
  } catch (error) {
    log(String(error));
    process.exitCode = 1;
    return;
  }
  // Whatever goes wrong for one request, the work in this container is worth more than a clean restart of the agent.
  process.on('uncaughtException', (error) => log(`unexpected: ${error.stack ?? error.message}`));
  const stop = (): void => {
    void agent.dispose().finally(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  agent.start().then(
    (port) => log(`listening on port ${port}`),
    (error: unknown) => {
      log(`cannot listen: ${String(error)}`);
      process.exit(1);
    },
  );
}

main();
