import { readdirSync } from 'node:fs';
import importX from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { jupyterlabRules } from './jupyterlab-ext/eslint.rules.mjs';

/**
 * The stair of hub/src: a step may import from itself and from what is listed, never up and never sideways into another
 * domain's inside. main.ts stands on top and may import all.
 */
const STAIR = [
  { target: 'hub/src/platform', from: ['hub/src/domains', 'hub/src/drivers', 'hub/src/proxy'] },
  { target: 'hub/src/domains', from: ['hub/src/drivers', 'hub/src/proxy'] },
  { target: 'hub/src/drivers', from: ['hub/src/proxy'] },
  { target: 'hub/src/proxy', from: ['hub/src/drivers'] },
  { target: 'shared', from: ['hub', 'images', 'deploy', 'bench', 'ui-tests'] },
  { target: 'deploy/image-saver', from: ['hub', 'images', 'bench', 'ui-tests'] },
  { target: 'images/agent', from: ['hub', 'bench', 'ui-tests'] },
  { target: 'vscode-ext', from: ['hub', 'images', 'bench', 'ui-tests'] },
];

/** Beside its index.ts: the ports of domains that drivers implement. */
const PORTS = { servers: ['./spawner.ts'] };

/** Domains meet only through index.ts, however deep the file lies that imports; so do those above them. */
const DOMAINS = readdirSync(new URL('hub/src/domains', import.meta.url));
const INSIDES = DOMAINS.map((domain) => ({
  target: [
    ...DOMAINS.filter((other) => other !== domain).map((other) => `hub/src/domains/${other}`),
    'hub/src/drivers',
    'hub/src/proxy',
  ],
  from: `hub/src/domains/${domain}`,
  except: ['./index.ts', ...(PORTS[domain] ?? [])],
  message: 'Domains are reached only through their index.ts.',
}));

export default tseslint.config(
  {
    ignores: [
      '**/node_modules/',
      '**/dist/',
      '**/*.mjs',
      '**/*.cjs',
      'eslint.config.js',
      'images/*/files/**',
      'images/desktop/**',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true }, globals: globals.node },
    plugins: { 'import-x': importX },
    rules: {
      'import-x/no-default-export': 'error',
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-restricted-paths': ['error', { zones: [...STAIR, ...INSIDES] }],
      'max-lines': ['error', { max: 600, skipBlankLines: true }],
      complexity: ['error', 15],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
    },
  },
  {
    // A driver is tried with what really is asked of it.
    files: ['hub/src/drivers/**/*.test.ts'],
    rules: { 'import-x/no-restricted-paths': ['error', { zones: STAIR }] },
  },
  {
    files: ['**/*.tsx', 'hub/web/**/*.ts', 'shared/ui/**/*.ts'],
    plugins: { 'react-hooks': reactHooks },
    rules: reactHooks.configs.recommended.rules,
  },
  {
    files: ['**/*.test.ts', '**/*.test.tsx', 'hub/test/**/*.ts', 'ui-tests/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'max-lines': 'off',
    },
  },
  ...jupyterlabRules,
  {
    files: ['**/*.config.ts', 'bench/**/*.ts', 'hub/src/buildImages.ts', 'hub/src/openapi.ts'],
    rules: { 'import-x/no-default-export': 'off', 'no-console': 'off' },
  },
);
