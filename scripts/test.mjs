import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBrowser } from './setup/browser.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { ensureEngine } from './setup/engine.mjs';
import { buildExtensions } from './setup/extensions.mjs';
import { buildPages } from './setup/pages.mjs';
import { ENVIRONMENT, ROOT, say } from './setup/run.mjs';

/** @typedef {{ passed: number, failed: number }} Count */

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const CLUSTER = 'deploy/dev-cluster/cluster.mjs';
/** Asked for by name only: a cold machine builds Kubernetes first, which takes longer than all the rest. */
const BY_NAME = new Set(['cluster']);
const reports = mkdtempSync(join(tmpdir(), 'davit-test-'));

/** The runners by name, in their order; `npm test -- unit ui` runs only those named, `npm test` all but those of BY_NAME. */
const RUNNERS = {
  checks: async () => {
    const results = [
      await check('types', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json']),
      await check('types of scripts', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.scripts.json']),
      await check('lint', ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0']),
      await check('format', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']),
      await check('dead code', ['node_modules/knip/bin/knip.js', '--no-progress']),
      await check('OpenAPI document', ['hub/src/openapi.ts', '--check']),
      await check('Helm chart', ['deploy/helm/check.mjs']),
    ];
    return { passed: results.filter(Boolean).length, failed: results.filter((ok) => !ok).length };
  },
  unit: () =>
    jest('unit', [
      '--testPathIgnorePatterns',
      String.raw`\.(engine|cluster)\.test\.ts$`,
      '/node_modules/',
      '<rootDir>/ui-tests/',
    ]),
  engine: async () => {
    const built = await check('images', ['hub/src/buildImages.ts']);
    const tests = await jest('engine', ['--testPathPatterns', String.raw`\.engine\.test\.ts$`, '--runInBand']);
    return { passed: tests.passed + Number(built), failed: tests.failed + Number(!built) };
  },
  cluster: async () => {
    const built = await check('images', ['hub/src/buildImages.ts']);
    // Before the tests, which do not wait for a build of Kubernetes: a quarter of an hour the first time.
    const up = await check('cluster', [CLUSTER, 'up']);
    try {
      const tests = await jest('cluster', ['--testPathPatterns', String.raw`\.cluster\.test\.ts$`, '--runInBand']);
      const day = await playwright('cluster-ui', 'ui-tests/cluster.config.ts');
      const ready = Number(built) + Number(up);
      return { passed: tests.passed + day.passed + ready, failed: tests.failed + day.failed + 2 - ready };
    } finally {
      await run([CLUSTER, 'down']);
    }
  },
  ui: () => playwright('ui', 'ui-tests/playwright.config.ts'),
};

/** @param {string} name @param {string[]} args */
async function jest(name, args) {
  const report = join(reports, `${name}.json`);
  const code = await run([...JEST, '--json', `--outputFile=${report}`, ...args]);
  return counted(code, () => {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
  });
}

/** @param {string} name @param {string} config */
async function playwright(name, config) {
  const report = join(reports, `${name}.json`);
  const env = { ...ENVIRONMENT, PLAYWRIGHT_JSON_OUTPUT_FILE: report };
  const code = await run(['node_modules/@playwright/test/cli.js', 'test', '--config', config], env);
  return counted(code, () => {
    const { stats } = JSON.parse(readFileSync(report, 'utf8'));
    // A skipped test proves nothing: after a failure in a chain the rest is skipped, and nothing else may be.
    return { passed: stats.expected, failed: stats.unexpected + stats.flaky + stats.skipped };
  });
}

/** A runner that failed without a failed test (it crashed, or ran none) counts as one failure. @param {number} code @param {() => Count} read @returns {Count} */
function counted(code, read) {
  try {
    const count = read();
    const silent = (code !== 0 && count.failed === 0) || count.passed + count.failed === 0;
    return silent ? { ...count, failed: count.failed + 1 } : count;
  } catch {
    return { passed: 0, failed: 1 };
  }
}

/** @param {string} name @param {string[]} args */
async function check(name, args) {
  say(`checking ${name} …`);
  const ok = (await run(args)) === 0;
  say(`${name}: ${ok ? 'passed' : 'FAILED'}`);
  return ok;
}

/** @param {string[]} args @param {Record<string, string | undefined>} [env] @returns {Promise<number>} */
function run(args, env = ENVIRONMENT) {
  return new Promise((resolve) => {
    const child = spawn('node', args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

async function main() {
  const names = process.argv.slice(2);
  const unknown = names.filter((name) => !(name in RUNNERS));
  if (unknown.length > 0)
    throw new Error(`no such runner: ${unknown.join(', ')}; there are ${Object.keys(RUNNERS).join(', ')}`);
  await installDependencies();
  await ensureEngine();
  await ensureBrowser();
  await buildPages();
  await buildExtensions();
  /** @type {Count} */
  const total = { passed: 0, failed: 0 };
  for (const [name, runner] of Object.entries(RUNNERS)) {
    if (names.length > 0 ? !names.includes(name) : BY_NAME.has(name)) continue;
    const began = Date.now();
    const count = await runner();
    say(`${name}: ${count.passed} passed, ${count.failed} failed in ${Math.round((Date.now() - began) / 1000)} s`);
    total.passed += count.passed;
    total.failed += count.failed;
  }
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

main()
  .catch((error) => {
    process.stderr.write(`\ndavit: ${error.message}\n\n0 passed, 1 failed\n`);
    process.exitCode = 1;
  })
  .finally(() => rmSync(reports, { recursive: true, force: true }));
