import jupyter from '@jupyter/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Every rule that JupyterLab has for extensions, also those that its recommendation leaves out or only warns of. */
const ALL_RULES = Object.fromEntries(Object.keys(jupyter.rules).map((rule) => [`jupyter/${rule}`, 'error']));

/** JSON has no types to ask for. */
const NO_TYPESCRIPT = Object.fromEntries(
  Object.keys(tseslint.plugin.rules ?? {}).map((rule) => [`@typescript-eslint/${rule}`, 'off']),
);

const schemas = jupyter.configs.recommended.find(({ files }) => files.includes('**/schema/*.json'));

/** What the root's configuration adds for this folder; not called eslint.config, which would take the root's place. */
export const jupyterlabRules = [
  {
    files: ['jupyterlab-ext/**/*.{ts,tsx}'],
    plugins: { jupyter },
    rules: {
      ...ALL_RULES,
      'jupyter/prefer-lazy-imports': [
        'error',
        // Finding the hub is what the extension starts with; its models are its small, common part.
        { ignoreImports: ['../hub/hub.ts', '../models/*.ts'] },
      ],
    },
  },
  {
    files: ['jupyterlab-ext/schema/*.json'],
    languageOptions: schemas?.languageOptions,
    plugins: { jupyter },
    rules: { ...NO_TYPESCRIPT, 'jupyter/no-schema-enum': 'error' },
  },
  {
    // JupyterLab reads the plugins from the module's default export.
    files: ['jupyterlab-ext/src/index.ts'],
    rules: { 'import-x/no-default-export': 'off' },
  },
];
