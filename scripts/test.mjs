import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBrowser } from './setup/browser.mjs';
import { installDependencies } from './setup/dependencies.mjs';
import { ensureEngine } from './setup/engine.mjs';
import { buildExtensions } from './setup/extensions.mjs';
import { bundleHub } from './setup/hub.mjs';
import { buildPages } from './setup/pages.mjs';
import { say } from './setup/run.mjs';
import { Tester } from './setup/tester.mjs';

/** @typedef {import('./setup/tester.mjs').Count} Count */
/** @typedef {(tester: Tester) => Promise<Count>} Runner */

const CLUSTER = 'deploy/dev-cluster/cluster.mjs';
const IMAGES = 'hub/src/buildImages.ts';
const reports = mkdtempSync(join(tmpdir(), 'davit-test-'));

/** The long ones first. @type {Record<string, string[]>} */
const CHECKS = {
  lint: ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0'],
  types: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'],
  'types of scripts': ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.scripts.json'],
  format: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  'dead code': ['node_modules/knip/bin/knip.js', '--no-progress'],
  'OpenAPI document': ['hub/src/openapi.ts', '--check'],
  'Helm chart': ['deploy/helm/check.mjs'],
};

/** @type {Record<string, Runner>} */
const RUNNERS = {
  checks: async (tester) => {
    // One for each of two cores: each of them works on one.
    const rest = Object.entries(CHECKS).values();
    const some = async () => {
      const results = [];
      for (const [what, args] of rest) results.push(await tester.check(what, args));
      return results;
    };
    return counted((await Promise.all([some(), some()])).flat());
  },
  unit: (tester) =>
    tester.jest([
      '--testPathIgnorePatterns',
      String.raw`\.(engine|cluster)\.test\.ts$`,
      '/node_modules/',
      '<rootDir>/ui-tests/',
    ]),
  images: async (tester) => counted([await tester.check('images', [IMAGES])]),
  engine: (tester) => tester.jest(['--testPathPatterns', String.raw`\.engine\.test\.ts$`, '--runInBand']),
  cluster: async (tester) => {
    // Before the tests, which do not wait for a build of Kubernetes.
    const up = await tester.check('cluster', [CLUSTER, 'up']);
    try {
      const tests = await tester.jest(['--testPathPatterns', String.raw`\.cluster\.test\.ts$`, '--runInBand']);
      const day = await tester.playwright('ui-tests/cluster.config.ts');
      return sum([counted([up]), tests, day]);
    } finally {
      await tester.run([CLUSTER, 'down']);
    }
  },
  ui: (tester) => tester.playwright('ui-tests/playwright.config.ts'),
};

/**
 * One after the other; those in one row at the same time, as they wait for containers more than they work. `npm test`
 * runs all, `npm test -- unit ui` only those named, and the images before those that start them.
 */
const STAGES = [['checks'], ['images'], ['unit', 'cluster'], ['engine', 'ui']];

/** Takes longest, and waits for a cluster most of that time: the row after it does not wait for it. */
const LONGEST = 'cluster';

/** @param {readonly boolean[]} results @returns {Count} */
function counted(results) {
  return { passed: results.filter(Boolean).length, failed: results.filter((ok) => !ok).length };
}

/** @param {readonly Count[]} counts @returns {Count} */
function sum(counts) {
  return counts.reduce((all, one) => ({ passed: all.passed + one.passed, failed: all.failed + one.failed }));
}

/** @param {string} name */
async function runOne(name) {
  const began = Date.now();
  const count = (await RUNNERS[name]?.(new Tester({ name, reports }))) ?? { passed: 0, failed: 1 };
  say(`${name}: ${count.passed} passed, ${count.failed} failed in ${Math.round((Date.now() - began) / 1000)} s`);
  return count;
}

/** @param {readonly string[]} names */
function stagesOf(names) {
  const unknown = names.filter((name) => !(name in RUNNERS));
  if (unknown.length > 0)
    throw new Error(`no such runner: ${unknown.join(', ')}; there are ${Object.keys(RUNNERS).join(', ')}`);
  const needsImages = ['engine', 'cluster', 'ui'].some((name) => names.includes(name));
  const wanted = new Set([...names, ...(needsImages ? ['images'] : [])]);
  return STAGES.map((stage) => stage.filter((name) => wanted.size === 0 || wanted.has(name)));
}

async function main() {
  const stages = stagesOf(process.argv.slice(2));
  await installDependencies();
  await ensureEngine();
  await ensureBrowser();
  await buildPages();
  await buildExtensions();
  // Not by each runner for itself: they would overwrite each other's.
  await bundleHub();
  // Beside all the rest: it takes a quarter of an hour the first time. The runner waits for it, and tells what failed.
  if (stages.flat().includes('cluster')) void new Tester({ name: 'Kubernetes', reports }).run([CLUSTER, 'build']);
  const runs = [];
  for (const stage of stages) {
    const begun = stage.map((name) => ({ name, count: runOne(name) }));
    runs.push(...begun);
    await Promise.all(begun.filter(({ name }) => name !== LONGEST).map(({ count }) => count));
  }
  const total = sum(await Promise.all(runs.map(({ count }) => count)));
  process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

main()
  .catch((error) => {
    process.stderr.write(`\ndavit: ${error.message}\n\n0 passed, 1 failed\n`);
    process.exitCode = 1;
  })
  .finally(() => rmSync(reports, { recursive: true, force: true }));
