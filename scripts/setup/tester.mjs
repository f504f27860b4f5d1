import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ENVIRONMENT, ROOT, say } from './run.mjs';

/** @typedef {{ passed: number, failed: number }} Count */

const JEST = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];

/** Runs programs for one runner of the tests, shows what they print behind its name, and counts what they tell. */
export class Tester {
  #name;
  #reports;
  #runs = 0;

  /** @param {{ name: string, reports: string }} options `reports`: directory for what the programs count */
  constructor({ name, reports }) {
    this.#name = name;
    this.#reports = reports;
  }

  /** @param {string} what @param {string[]} args */
  async check(what, args) {
    say(`checking ${what} …`);
    const ok = (await this.run(args)) === 0;
    say(`${what}: ${ok ? 'passed' : 'FAILED'}`);
    return ok;
  }

  /** @param {string[]} args */
  async jest(args) {
    const report = this.#report();
    const code = await this.run([...JEST, '--json', `--outputFile=${report}`, ...args]);
    return counted(code, () => {
      const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
      return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites };
    });
  }

  /** @param {string} config */
  async playwright(config) {
    const report = this.#report();
    const env = { ...ENVIRONMENT, PLAYWRIGHT_JSON_OUTPUT_FILE: report };
    const code = await this.run(['node_modules/@playwright/test/cli.js', 'test', '--config', config], env);
    return counted(code, () => {
      const { stats } = JSON.parse(readFileSync(report, 'utf8'));
      // A skipped test proves nothing: after a failure in a chain the rest is skipped, and nothing else may be.
      return { passed: stats.expected, failed: stats.unexpected + stats.flaky + stats.skipped };
    });
  }

  /** @param {string[]} args @param {Record<string, string | undefined>} [env] @returns {Promise<number>} the exit code */
  run(args, env = ENVIRONMENT) {
    return new Promise((resolve) => {
      const child = spawn('node', args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
      // Several runners write at the same time.
      for (const stream of [child.stdout, child.stderr])
        createInterface(stream).on('line', (line) => process.stdout.write(`[${this.#name}] ${line}\n`));
      child.on('error', () => resolve(1));
      child.on('exit', (code) => resolve(code ?? 1));
    });
  }

  #report() {
    this.#runs += 1;
    return join(this.#reports, `${this.#name}-${this.#runs}.json`);
  }
}

/** A program that failed without a failed test (it crashed, or ran none) counts as one failure. @param {number} code @param {() => Count} read @returns {Count} */
function counted(code, read) {
  try {
    const count = read();
    const silent = (code !== 0 && count.failed === 0) || count.passed + count.failed === 0;
    return silent ? { ...count, failed: count.failed + 1 } : count;
  } catch {
    return { passed: 0, failed: 1 };
  }
}
