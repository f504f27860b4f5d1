import { defineConfig } from '@playwright/test';
import { quietBrowser } from './src/quietBrowser.ts';

/** One worker: the tests share one hub and one machine; a container start is what takes the time. */
export default defineConfig({
  testDir: './tests',
  outputDir: './test-results/hub',
  workers: 1,
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] === undefined ? 'list' : [['list'], ['json']],
  use: {
    viewport: { width: 1280, height: 800 },
    actionTimeout: 30_000,
    locale: 'en-US',
    // Pictures and pages of each step take a third of the processor's time; `--trace on` keeps them.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: quietBrowser(),
      args: [
        '--no-sandbox',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
