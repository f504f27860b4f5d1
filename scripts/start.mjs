import { spawn } from 'node:child_process';
import { installDependencies } from './setup/dependencies.mjs';
import { ensureEngine } from './setup/engine.mjs';
import { buildExtensions } from './setup/extensions.mjs';
import { buildPages } from './setup/pages.mjs';
import { ENVIRONMENT, ROOT, SetupError } from './setup/run.mjs';

/** `npm start`: brings the machine to where the hub can run, then runs it. Runs on the machine's own Node, 20 or newer. */
async function main() {
  await installDependencies();
  // Servers on a cluster need no container engine here.
  if (process.env['DAVIT_ENGINE'] !== 'kubernetes') await ensureEngine();
  await buildPages();
  await buildExtensions();
  // Ctrl-C in a terminal reaches the hub by itself, a signal sent to npm only through us; the hub takes the second as the first.
  const hub = spawn('node', ['--disable-warning=ExperimentalWarning', 'scripts/hub.mjs'], {
    cwd: ROOT,
    env: ENVIRONMENT,
    stdio: 'inherit',
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => hub.kill(signal));
  return new Promise((resolve) => {
    hub.on('exit', (code, signal) => resolve(code ?? (signal === null ? 0 : 1)));
  });
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    process.stderr.write(`\ndavit: ${error instanceof SetupError ? error.message : String(error?.stack ?? error)}\n`);
    process.exitCode = 1;
  },
);
