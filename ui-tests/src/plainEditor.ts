import { expect } from '@playwright/test';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { detectEngineCli, runEngine, type EngineCli } from '../../hub/src/drivers/images/engineCli.ts';

const FILES = { wheel: '.whl', vsix: '.vsix' } as const;

/** An editor as people have it who know no hub: in a container without agent, token and Davit's last layer. */
export interface PlainEditor {
  url: string;
  dispose(): Promise<void>;
}

export interface PlainEditorOptions {
  /** The image of this repository whose editor it is; its layers below the last one are used. */
  image: 'jupyterlab' | 'code-server';
  /** The workspace whose command makes the file to install. */
  workspace: 'jupyterlab-ext' | 'vscode-ext';
  command: 'wheel' | 'vsix';
  /** Shell commands that install `$FILE` and go on with the editor at port 8888. */
  script: string;
}

/** Makes the extension's file with its one command, installs it, starts the editor and waits until it answers. */
export async function startPlainEditor({ image, script, ...extension }: PlainEditorOptions): Promise<PlainEditor> {
  const file = await makeFile(extension);
  const inside = `/tmp/${basename(file)}`;
  const container = `davit-plain-${image}-${randomBytes(4).toString('hex')}`;
  const settings = await mkdtemp(join(tmpdir(), 'davit-plain-'));
  const engine = await detectEngineCli(settings);
  const dispose = async (): Promise<void> => {
    // By force alone it would get its grace first.
    await runEngine(engine, ['kill', container]);
    await runEngine(engine, ['rm', '--force', '--volumes', container]);
    await rm(settings, { recursive: true, force: true });
  };
  try {
    await engineSays(engine, [
      ...['run', '--detach', '--name', container, '--publish', '127.0.0.1::8888'],
      ...['--volume', `${file}:${inside}:ro`, '--env', `FILE=${inside}`],
      ...['--entrypoint', 'sh', await layersOf(engine, image), '-euc', script],
    ]);
    const url = `http://${await engineSays(engine, ['port', container, '8888'])}/`;
    const status = async (): Promise<number> => (await fetch(url).catch(() => undefined))?.status ?? 0;
    await expect.poll(status, { timeout: 180_000 }).toBe(200);
    return { url, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The first line of what a command of the engine prints. */
async function engineSays(engine: EngineCli, args: string[]): Promise<string> {
  const { code, output, tail } = await runEngine(engine, args);
  if (code !== 0) throw new Error(`${args[0]}: ${tail.join('\n')}`);
  return output.split('\n')[0] ?? '';
}

async function makeFile({ workspace, command }: Pick<PlainEditorOptions, 'workspace' | 'command'>): Promise<string> {
  const root = resolve(import.meta.dirname, '../..');
  await promisify(execFile)('npm', ['run', command, '--workspace', workspace], { cwd: root });
  const made = join(root, workspace, 'dist');
  const name = (await readdir(made)).find((one) => one.endsWith(FILES[command]));
  if (name === undefined) throw new Error(`npm run ${command} made no ${FILES[command]}`);
  return join(made, name);
}

async function layersOf(engine: EngineCli, image: string): Promise<string> {
  const filter = `reference=localhost/davit/layers/${image}`;
  const newest = await engineSays(engine, ['images', '--filter', filter, '--format', '{{.Repository}}:{{.Tag}}']);
  if (newest === '') throw new Error(`the layers of ${image} are not built`);
  return newest;
}
