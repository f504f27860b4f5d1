import { defineConfig } from '@playwright/test';
import base from './playwright.config.ts';

/** The tests that need a Kubernetes: the same browser, and images that a node fetches first. */
export default defineConfig(base, { testDir: './cluster', timeout: 600_000 });
