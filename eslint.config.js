import jupyter from '@jupyter/eslint-plugin';
import importX from 'eslint-plugin-import-x';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import * as jsonc from 'jsonc-eslint-parser';
import tseslint from 'typescript-eslint';

/**
 * The stair of hub/src: a step may import from itself and from what is listed, never up and never sideways into another
 * domain's inside. main.ts stands on top and may import all.
 */
const STAIR = [
  { target: 'hub/src/platform', from: ['hub/src/domains', 'hub/src/drivers', 'hub/src/proxy'] },
  { target: 'hub/src/domains', from: ['hub/src/drivers', 'hub/src/proxy'] },
  { target: 'hub/src/drivers', from: ['hub/src/proxy'] },
  { target: 'hub/src/proxy', from: ['hub/src/drivers'] },
  { target: 'shared', from: ['hub', 'images', 'bench', 'ui-tests'] },
  { target: 'images/agent', from: ['hub', 'bench', 'ui-tests'] },
  { target: 'vscode-ext', from: ['hub', 'images', 'bench', 'ui-tests'] },
];

/** Every rule that JupyterLab has for extensions, also those that its recommendation leaves out or only warns of. */
const JUPYTER_RULES = Object.fromEntries(Object.keys(jupyter.rules).map((rule) => [`jupyter/${rule}`, 'error']));

/** JSON has no types to ask for. */
const NO_TYPESCRIPT = Object.fromEntries(
  Object.keys(tseslint.plugin.rules ?? {}).map((rule) => [`@typescript-eslint/${rule}`, 'off']),
);

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
      'import-x/no-restricted-paths': ['error', { zones: STAIR }],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^\\.\\./(?!\\.\\.)[a-zA-Z]+/(?!index\\.ts)', message: 'Domains meet only through index.ts.' },
          ],
        },
      ],
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
    files: [
      'hub/src/*.ts',
      'hub/src/{platform,drivers,proxy}/**/*.ts',
      'shared/**/*.{ts,tsx}',
      'hub/web/**/*.{ts,tsx}',
      'images/**/*.ts',
      'vscode-ext/**/*.{ts,tsx}',
      'bench/**/*.ts',
      'ui-tests/**/*.ts',
      'hub/test/**/*.ts',
      'hub/migrations/**/*.ts',
      'jupyterlab-ext/**/*.{ts,tsx}',
    ],
    rules: { 'no-restricted-imports': 'off' },
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
  {
    files: ['jupyterlab-ext/**/*.{ts,tsx}'],
    plugins: { jupyter },
    rules: {
      ...JUPYTER_RULES,
      'jupyter/prefer-lazy-imports': [
        'error',
        // Finding the hub is what the extension starts with; its models are its small, common part.
        { ignoreImports: ['../hub/hub.ts', '../models/*.ts'] },
      ],
    },
  },
  {
    files: ['jupyterlab-ext/schema/*.json'],
    languageOptions: { parser: jsonc },
    plugins: { jupyter },
    rules: { ...NO_TYPESCRIPT, 'jupyter/no-schema-enum': 'error' },
  },
  {
    // JupyterLab reads the plugins from the module's default export.
    files: ['jupyterlab-ext/src/index.ts'],
    rules: { 'import-x/no-default-export': 'off' },
  },
  {
    files: ['**/*.config.ts', 'bench/**/*.ts', 'hub/src/buildImages.ts', 'hub/src/openapi.ts'],
    rules: { 'import-x/no-default-export': 'off', 'no-console': 'off' },
  },
);
