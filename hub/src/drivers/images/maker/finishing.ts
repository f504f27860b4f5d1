import { editorSchema, type Editor } from '@davit/contract';
import type { Catalogue } from '../catalogue.ts';
import type { ContextFile } from '../contextFiles.ts';

/** What an image says of itself. */
export interface ImageConfig {
  labels: Record<string, string>;
  entrypoint: readonly string[];
}

/** How an image becomes one of the hub's: the last build step, whose context is `files`. */
export interface Finishing {
  dockerfile: string;
  files: ContextFile[];
  editors: Editor[];
  labels: Record<string, string>;
}

const AGENT = /^\/opt\/davit\/agent\.[cm]?js$/;
const DOCKERFILE = 'Dockerfile';
/** Other images have it elsewhere or not at all. */
const OWN_TINI = '/opt/davit/bin/tini';

/** Whether an image starts Davit's agent and says so. */
export function hasAgent({ labels, entrypoint }: ImageConfig): boolean {
  return labels['davit.contract'] === '1' && entrypoint.some((part) => AGENT.test(part));
}

/** Editors by an image's label; names that are none are left out. */
export function labelledEditors({ labels }: ImageConfig): Editor[] {
  const names = (labels['davit.editors'] ?? '').split(',').map((name) => name.trim());
  return editorSchema.options.filter((editor) => names.includes(editor));
}

/**
 * The last step for an image. One that starts the agent and whose editors are those of its label only gets new labels. All
 * others get Node, a first process and the agent from the base image, which run on any image with the GNU C library;
 * `adopt` are the files of the folder that tells how.
 */
export function finishingOf(
  config: ImageConfig,
  wanted: readonly Editor[] | undefined,
  { finish, images }: Catalogue,
  adopt: readonly ContextFile[],
): Finishing {
  const labelled = labelledEditors(config);
  const editors = wanted === undefined ? labelled : editorSchema.options.filter((one) => wanted.includes(one));
  const labels = { 'davit.contract': '1', 'davit.editors': editors.join(',') };
  const asItIs = hasAgent(config) && editors.every((editor) => labelled.includes(editor));
  if (asItIs) return { dockerfile: 'ARG LAYERS\nFROM ${LAYERS}\n', files: [], editors, labels };
  const wishes = { path: 'wanted.json', executable: false, content: Buffer.from(JSON.stringify(editors)) };
  const entrypoint = entrypointOf(finish).replace('/usr/bin/tini', OWN_TINI);
  return {
    dockerfile: `${dockerfileOf(adopt)}${entrypoint}\n`,
    files: [...adopt.filter(({ path }) => path !== DOCKERFILE), ...templatesOf(images), wishes],
    editors,
    labels,
  };
}

/** code-server as others install it, without the settings and the start script of Davit's own image. */
const PLAIN_CODE_SERVER: ContextFile = {
  path: 'code-server.json',
  executable: false,
  content: Buffer.from(
    JSON.stringify({
      name: 'code-server',
      title: 'VS Code',
      command: [
        'code-server',
        '--auth=none',
        '--bind-addr=127.0.0.1:${PORT}',
        '--user-data-dir=/data/user/.davit/code-server',
        '--disable-telemetry',
        '--disable-update-check',
        '--disable-workspace-trust',
        '/data/user',
      ],
      prefix: 'strip',
      ready: { path: '/healthz' },
      env: { VSCODE_PROXY_URI: '${BASE_PATH}/port/{{port}}/' },
    }),
  ),
};

/** The line that starts the agent in Davit's own images. */
function entrypointOf(finish: readonly ContextFile[]): string {
  const line = /^ENTRYPOINT .*$/m.exec(dockerfileOf(finish))?.[0];
  if (line === undefined) throw new Error('The Dockerfile of the last step has no ENTRYPOINT.');
  return line;
}

function dockerfileOf(files: readonly ContextFile[]): string {
  return Buffer.from(files.find(({ path }) => path === DOCKERFILE)?.content ?? []).toString('utf8');
}

/** Descriptions of editors as Davit's own images have them, for images that carry the programs without a description. */
function templatesOf(images: Catalogue['images']): ContextFile[] {
  const found = images.flatMap(({ files }) => files.filter(({ path }) => /^editors\/[^/]+\.json$/.test(path)));
  const own = found.map((file) => ({ ...file, path: file.path.replace('editors/', '') }));
  return [...own.filter(({ path }) => path !== PLAIN_CODE_SERVER.path), PLAIN_CODE_SERVER];
}
