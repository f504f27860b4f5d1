import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { SetupError } from '../../../scripts/setup/run.mjs';
import { BIN } from './binaries.mjs';
import { API_SERVER, KUBECONFIG } from './settings.mjs';

/**
 * Asks the API server, as the administrator. For waiting: it costs a hundredth of a kubectl.
 * @param {string} data directory
 * @param {string} path
 * @returns {Promise<string>} what it answered; throws unless the status is 200
 */
export function ask(data, path) {
  const file = (/** @type {string} */ name) => readFileSync(join(data, 'pki', name));
  const options = { ca: file('ca.crt'), cert: file('admin.crt'), key: file('admin.key'), timeout: 3000, agent: false };
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, API_SERVER), options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (body += chunk));
      response.on('error', reject);
      response.on('end', () => (response.statusCode === 200 ? resolve(body) : reject(new Error(body))));
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end();
  });
}

/**
 * Runs kubectl on this checkout's cluster and returns what it prints.
 * @param {readonly string[]} args
 * @param {string} [input]  for `-f -`
 */
export function kubectl(args, input) {
  try {
    return execFileSync(join(BIN, 'kubectl'), ['--kubeconfig', KUBECONFIG, ...args], {
      input: input ?? '',
      encoding: 'utf8',
      stdio: 'pipe',
      maxBuffer: 64 * 1024 * 1024,
    }).trim();
  } catch (/** @type {any} */ error) {
    throw new SetupError(`kubectl ${args.join(' ')} failed: ${String(error.stderr ?? error.message).trim()}`);
  }
}
