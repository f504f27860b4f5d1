import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

/**
 * The tests that need a Kubernetes: the same browser, and images that a node fetches first. They have their own folder for
 * results, which each run empties: the tests on one machine may run at the same time.
 */
export default defineConfig(base, { testDir: './cluster', outputDir: './test-results/cluster', timeout: 600_000 });
