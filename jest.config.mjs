/** Jest runs TypeScript as ES modules; esbuild only strips types, so a test runs the same code as Node does. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '^.+\\.tsx?$': '<rootDir>/scripts/jestTransform.mjs' },
  testMatch: ['**/*.test.ts', '**/*.test.tsx'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '<rootDir>/ui-tests/'],
  modulePathIgnorePatterns: ['/dist/'],
  globalSetup: '<rootDir>/hub/test/globalSetup.mjs',
  testTimeout: 30_000,
  workerIdleMemoryLimit: '1GB',
};
