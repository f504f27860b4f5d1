import { existsSync } from 'node:fs';
import { SetupError, step } from './run.mjs';

const BROWSER = ['chromium', 'fonts-noto-cjk'];

/**
 * Makes sure that a Chromium is there for the browser tests, and bubblewrap to run it in; as root on Debian or Ubuntu
 * installs them.
 */
export async function ensureBrowser() {
  const hasBrowser = existsSync('/usr/bin/chromium') || Boolean(process.env['CHROMIUM_PATH']);
  if (hasBrowser && existsSync('/usr/bin/bwrap')) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    if (hasBrowser) return;
    throw new SetupError('The browser tests need Chromium. Install it, or set CHROMIUM_PATH to its program.');
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=600'];
  await step('reading the package lists', 'apt-get', ['update', ...options], env);
  await step(
    'installing Chromium for the tests',
    'apt-get',
    ['install', '-y', '--no-install-recommends', ...options, ...(hasBrowser ? [] : BROWSER), 'bubblewrap'],
    env,
  );
}
