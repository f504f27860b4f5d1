import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, chown, copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Engine } from '../../src/drivers/spawner/docker/index.ts';

const run = promisify(execFile);
const NODE = '/opt/davit/bin/node';
const AGENT = '/opt/davit/agent.mjs';
const CHANGES = ['USER 1000:1000', `ENTRYPOINT ["${NODE}","${AGENT}"]`, 'WORKDIR /home/davit', 'ENV HOME=/home/davit'];

/** What the image of driver tests is called, by its content. */
export async function testImageRef(): Promise<string> {
  const agent = await readFile(join(import.meta.dirname, 'testAgent.mjs'));
  const hash = createHash('sha256')
    .update(agent)
    .update(process.version)
    .update([...CHANGES, 'HOME OF THE USER'].join('\n'))
    .digest('hex');
  return `localhost/davit-test/agent:${hash.slice(0, 12)}`;
}

/**
 * The image of driver tests: the Node that runs the tests with its libraries, and testAgent.mjs. It needs no network and
 * no other image, and is found again by its content.
 */
export async function ensureTestImage({ client, cli }: Engine): Promise<{ ref: string; digest: string }> {
  const ref = await testImageRef();
  const image = client.getImage(ref);
  const present = await image.inspect().catch(() => undefined);
  if (present !== undefined) return { ref, digest: withPrefix(present.Id) };
  const directory = await mkdtemp(join(tmpdir(), 'davit-test-image-'));
  try {
    const archive = await pack(directory);
    const changes = CHANGES.flatMap((change) => ['--change', change]);
    await run(cli.program, [...cli.args, 'import', ...changes, archive, ref], { env: { ...process.env, ...cli.env } });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return { ref, digest: withPrefix((await image.inspect()).Id) };
}

async function pack(directory: string): Promise<string> {
  const root = join(directory, 'root');
  for (const path of ['opt/davit/bin', 'etc', 'home/davit', 'tmp', 'data', 'run', 'proc', 'sys', 'dev']) {
    await mkdir(join(root, path), { recursive: true });
  }
  await chmod(join(root, 'tmp'), 0o1777);
  // The user writes there; only root can give it away, and without root nothing can be saved anyway.
  if (process.getuid?.() === 0) await chown(join(root, 'home/davit'), 1000, 1000);
  await copyFile(process.execPath, join(root, NODE));
  await copyFile(join(import.meta.dirname, 'testAgent.mjs'), join(root, AGENT));
  await writeFile(join(root, 'etc/passwd'), 'davit:x:1000:1000::/home/davit:/bin/sh\n');
  for (const library of await librariesOf(process.execPath)) {
    await mkdir(join(root, dirname(library)), { recursive: true });
    await cp(library, join(root, library), { dereference: true });
  }
  const archive = join(directory, 'root.tar');
  await run('tar', ['-cf', archive, '-C', root, '.']);
  return archive;
}

/** Paths of the shared libraries of a program, the loader included. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]);
  const paths = stdout.split('\n').map((line) => /(\/\S+) \(0x/.exec(line)?.[1]);
  return paths.filter((path) => path !== undefined && basename(path) !== basename(program)) as string[];
}

/** Engines differ in whether an id says its algorithm. */
function withPrefix(id: string): string {
  return id.startsWith('sha256:') ? id : `sha256:${id}`;
}
