import { createHash } from 'node:crypto';
import type { ArchiveFile } from './zip.ts';

/** What a wheel is made of. Paths of `extension` are relative to the built extension, those of `module` to the package. */
export interface WheelParts {
  version: string;
  description: string;
  license: string;
  readme: string;
  extension: readonly ArchiveFile[];
  module: readonly ArchiveFile[];
  /** Chinese by English, as the sources write it. */
  chinese: Chinese;
}

/** A text by the English one; `many` where the English has a plural, of which Chinese has one form. */
export type Chinese = Readonly<Record<string, string | { many: string }>>;

/** Name on the package index and of JupyterLab's domain of translations; the npm name with a low line. */
export const PACKAGE = 'jupyterlab_davit';
const EXTENSION = 'jupyterlab-davit';

/** The name that pip demands of a pure wheel. */
export function wheelName(version: string): string {
  return `${PACKAGE}-${version}-py3-none-any.whl`;
}

/** The two halves of the package: what Python imports, by its path in site-packages, and what JupyterLab serves. */
export interface Package {
  python: ArchiveFile[];
  served: ArchiveFile[];
}

/** Everything but the record, which belongs to wheels alone. */
export function packageFiles(parts: WheelParts): Package {
  const { version } = parts;
  const info = `${PACKAGE}-${version}.dist-info`;
  return {
    python: [
      ...parts.module.map((file) => ({ ...file, path: `${PACKAGE}/${file.path}` })),
      text(`${PACKAGE}/locale/zh_CN/LC_MESSAGES/${PACKAGE}.json`, json(catalogue(version, parts.chinese))),
      text(`${info}/METADATA`, metadata(parts)),
      text(`${info}/WHEEL`, 'Wheel-Version: 1.0\nGenerator: davit\nRoot-Is-Purelib: true\nTag: py3-none-any\n'),
      text(`${info}/entry_points.txt`, `[jupyterlab.locale]\n${PACKAGE} = ${PACKAGE}\n`),
      text(`${info}/licenses/LICENSE`, parts.license),
    ],
    served: [...parts.extension, text('install.json', json(INSTALL))].map((file) => ({
      ...file,
      path: `share/jupyter/labextensions/${EXTENSION}/${file.path}`,
    })),
  };
}

/** Every file of the wheel, its record last, in an order that depends on nothing but the names. */
export function wheelFiles(parts: WheelParts): ArchiveFile[] {
  const { python, served } = packageFiles(parts);
  const data = `${PACKAGE}-${parts.version}.data/data`;
  const files = [...python, ...served.map((file) => ({ ...file, path: `${data}/${file.path}` }))].sort((a, b) =>
    a.path < b.path ? -1 : 1,
  );
  const record = `${PACKAGE}-${parts.version}.dist-info/RECORD`;
  return [...files, text(record, [...files.map(recordLine), `${record},,\n`].join('\n'))];
}

/** What `jupyter labextension list` says about how to get rid of it. */
const INSTALL = {
  packageManager: 'python',
  packageName: EXTENSION,
  uninstallInstructions: `Use your Python package manager (pip, conda, etc.) to uninstall the package ${EXTENSION}`,
};

/**
 * The catalogue as JupyterLab's server reads it. It belongs to the host's language: where its language pack is
 * installed and chosen, the server adds this to it.
 */
function catalogue(version: string, chinese: Chinese): Record<string, unknown> {
  const head = { domain: PACKAGE, language: 'zh-CN', plural_forms: 'nplurals=1; plural=0;', version };
  // JupyterLab takes an entry for a plural only where it has two forms, even if the second is never used.
  const forms = Object.entries(chinese).map(([key, value]) => [
    key,
    typeof value === 'string' ? [value] : [value.many, ''],
  ]);
  return { '': head, ...(Object.fromEntries(forms) as Record<string, string[]>) };
}

function metadata({ version, description, readme }: WheelParts): string {
  return [
    'Metadata-Version: 2.4',
    `Name: ${EXTENSION}`,
    `Version: ${version}`,
    `Summary: ${description}`,
    'License-Expression: BSD-3-Clause',
    'License-File: LICENSE',
    'Requires-Python: >=3.9',
    'Keywords: jupyter,jupyterlab,jupyterlab-extension',
    'Classifier: Framework :: Jupyter',
    'Classifier: Framework :: Jupyter :: JupyterLab',
    'Classifier: Framework :: Jupyter :: JupyterLab :: 4',
    'Classifier: Framework :: Jupyter :: JupyterLab :: Extensions',
    'Classifier: Framework :: Jupyter :: JupyterLab :: Extensions :: Prebuilt',
    'Classifier: Programming Language :: Python :: 3',
    'Description-Content-Type: text/markdown',
    '',
    readme,
  ].join('\n');
}

function recordLine({ path, content }: ArchiveFile): string {
  const hash = createHash('sha256').update(content).digest('base64url');
  return `${path},sha256=${hash},${String(content.length)}`;
}

function text(path: string, content: string): ArchiveFile {
  return { path, content: Buffer.from(content) };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
