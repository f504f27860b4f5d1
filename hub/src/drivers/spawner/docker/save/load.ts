import { spawn } from 'node:child_process';
import { open, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { tarOf, TAR_END } from '@davit/oci';
import type { Engine } from '../connect.ts';

/** A directory with an image's layout, and beside it what the engine's command needs. */
export interface LoadPlace {
  /** Its last name is what Podman calls the image, and what tells the command apart from others. */
  layout: string;
  /** Temporary files of the command, which removes them unless it is killed. */
  temporary: string;
  /** Output of the command. */
  log: string;
}

/**
 * Has the engine take an image in. Not to be aborted: an engine that is stopped halfway keeps layers that belong to no
 * image; whoever does not want the image any more removes it afterwards.
 */
export async function loadImage(engine: Engine, place: LoadPlace, paths: readonly string[]): Promise<void> {
  if (engine.kind === 'podman') return loadByCommand(engine, place);
  await loadByApi(engine, place.layout, paths);
}

/** Podman's command reads the layout where it lies; its API would copy it twice. It goes on when the hub dies. */
async function loadByCommand({ cli }: Engine, { layout, temporary, log }: LoadPlace): Promise<void> {
  // A pipe to a hub that has died would end the command between the layer and the image.
  const output = await open(log, 'w', 0o600);
  try {
    // Podman calls the image by the path as it is given.
    const child = spawn(cli.program, [...cli.args, 'load', '--quiet', '--input', basename(layout)], {
      env: { ...process.env, ...cli.env, TMPDIR: temporary },
      cwd: dirname(layout),
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', resolve);
    });
    if (code === 0) return;
  } finally {
    await output.close();
  }
  throw new Error(
    `The container engine did not take the image: ${(await readFile(log, 'utf8')).trim().slice(0, 1000)}`,
  );
}

async function loadByApi({ client }: Engine, layout: string, paths: readonly string[]): Promise<void> {
  const signal = new AbortController().signal;
  const archive = async function* (): AsyncGenerator<Buffer> {
    yield* tarOf(layout, paths, signal, []);
    yield TAR_END;
  };
  const answer = await client.loadImage(Readable.from(archive(), { objectMode: false }), { quiet: true });
  const lines = (await text(answer)).split('\n').filter((line) => line.trim() !== '');
  for (const line of lines) {
    const { error } = JSON.parse(line) as { error?: string };
    if (error !== undefined) throw new Error(`The container engine did not take the image: ${error}`);
  }
}

/** Waits until no command of an earlier hub process works on this directory any more. */
export async function untilUnused(layout: string, signal: AbortSignal): Promise<void> {
  while (await isUsed(layout)) await sleep(200, undefined, { signal });
}

async function isUsed(layout: string): Promise<boolean> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(join('/proc', name, 'cmdline'), 'utf8').catch(() => '');
    if (line.split('\0').includes(basename(layout))) return true;
  }
  return false;
}
