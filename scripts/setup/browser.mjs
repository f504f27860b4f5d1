import { existsSync } from 'node:fs';
import { SetupError, step } from './run.mjs';

/** Makes sure that a Chromium is there for the browser tests; as root on Debian or Ubuntu installs it. */
export async function ensureBrowser() {
  if (existsSync('/usr/bin/chromium') || process.env['CHROMIUM_PATH']) return;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new SetupError('The browser tests need Chromium. Install it, or set CHROMIUM_PATH to its program.');
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=600'];
  await step('reading the package lists', 'apt-get', ['update', ...options], env);
  await step(
    'installing Chromium for the tests',
    'apt-get',
    ['install', '-y', '--no-install-recommends', ...options, 'chromium', 'fonts-noto-cjk'],
    env,
  );
}
