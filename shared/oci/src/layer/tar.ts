import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { SaveRefused } from '../refused.ts';
import { BLOCK } from './tree.ts';

/** Two empty blocks end a tar. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

/**
 * Options of GNU tar, the reader: it knows extended attributes, hard links and files that change while they are read.
 * Owners as numbers; times in whole seconds and no other times, which would double the headers.
 */
const OPTIONS = [
  '--create',
  '--format=posix',
  '--pax-option=delete=atime,delete=ctime,delete=mtime',
  '--numeric-owner',
  '--no-recursion',
  '--blocking-factor=1',
  '--ignore-failed-read',
  '--warning=no-file-changed',
  '--warning=no-file-removed',
  '--warning=no-failed-read',
  '--null',
  '--verbatim-files-from',
  '--xattrs',
];

/** Attributes that belong to a file and not to overlayfs. */
const OWN_ATTRIBUTES = ['--xattrs-include=user.*', '--xattrs-include=security.capability'];
/** How overlayfs marks a directory that hides what lies below it, and one whose contents lie below under another name. */
const MARKS = { opaque: 'trusted.overlay.opaque', moved: 'trusted.overlay.redirect' };

/** A tar of just these paths of a directory (latin1 names), in their order, without its end. */
export async function* tarOf(
  directory: string,
  paths: readonly string[],
  signal: AbortSignal,
  attributes: readonly string[] = OWN_ATTRIBUTES,
): AsyncGenerator<Buffer> {
  if (paths.length === 0) return;
  const child = spawn('tar', [...OPTIONS, ...attributes, `--directory=${directory}`, '--files-from=-'], {
    env: { ...process.env, LC_ALL: 'C', TAR_OPTIONS: '' },
    stdio: 'pipe',
    signal,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 2));
  });
  ended.catch(() => undefined);
  const errors = text(child.stderr);
  // It may end before it has read all names; how it ended says more than the broken pipe.
  child.stdin.on('error', () => undefined);
  child.stdin.end(Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1'));
  try {
    yield* withoutEnd(child.stdout);
    const code = await ended;
    // 1: a file changed while it was read.
    if (code > 1) throw new Error(`tar ended with code ${code}: ${(await errors).trim().slice(-500)}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new SaveRefused('The machine has no "tar", with which servers are saved. An admin has to install GNU tar.');
  } finally {
    child.kill('SIGKILL');
  }
}

/** Holds the last two blocks back, which are the end. */
async function* withoutEnd(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  for await (const chunk of stream) {
    const all = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const sent = Math.max(0, all.length - TAR_END.length);
    held = Buffer.from(all.subarray(sent));
    if (sent > 0) yield all.subarray(0, sent);
  }
  if (!held.equals(TAR_END)) throw new Error('tar was cut off');
}

/** Directories that overlayfs has marked. */
export interface Marked {
  /** They hide what lies below them. */
  opaque: string[];
  /** What is in them lies below under another name, besides what changed since. */
  moved: string[];
}

/** Which of these directories are marked: by attributes that only root can read, and Node.js not at all. */
export async function markedAmong(directory: string, paths: readonly string[], signal: AbortSignal): Promise<Marked> {
  const marked: Marked = { opaque: [], moved: [] };
  const chunks: Buffer[] = [];
  const attributes = Object.values(MARKS).map((name) => `--xattrs-include=${name}`);
  for await (const chunk of tarOf(directory, paths, signal, attributes)) chunks.push(chunk);
  for (const [path, extended] of entriesOf(Buffer.concat(chunks))) {
    if (extended.get(`SCHILY.xattr.${MARKS.opaque}`) === 'y') marked.opaque.push(path);
    if (extended.has(`SCHILY.xattr.${MARKS.moved}`)) marked.moved.push(path);
  }
  return marked;
}

/** Paths in a tar of directories, with what their extended headers say. */
function* entriesOf(tar: Buffer): Generator<[string, Map<string, string>]> {
  let extended: Map<string, string> = new Map();
  for (let at = 0; at < tar.length;) {
    const header = tar.subarray(at, at + BLOCK);
    const size = parseInt(field(header, 124, 12), 8);
    const body = tar.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
    if (field(header, 156, 1) === 'x') {
      extended = records(body);
      continue;
    }
    const name = extended.get('path') ?? [field(header, 345, 155), field(header, 0, 100)].filter(Boolean).join('/');
    yield [name.replace(/\/$/, ''), extended];
    extended = new Map();
  }
}

function field(header: Buffer, at: number, length: number): string {
  return header.toString('latin1', at, at + length).replace(/\0.*$/s, '');
}

/** The records of a pax header: `LENGTH KEY=VALUE\n`. */
function records(body: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const end = at + Number(body.toString('latin1', at, space));
    const [key = '', ...value] = body.toString('latin1', space + 1, end - 1).split('=');
    found.set(key, value.join('='));
    at = end;
  }
  return found;
}

/** An empty file of root, as layers write marks for removed paths; the name in latin1. */
export function emptyEntry(path: string): Buffer {
  const name = Buffer.from(path, 'latin1');
  if (name.length <= 100) return header(name, '0', 0);
  const long = Buffer.alloc(Math.ceil((name.length + 1) / BLOCK) * BLOCK);
  name.copy(long);
  const link = header(Buffer.from('././@LongLink'), 'L', name.length + 1);
  return Buffer.concat([link, long, header(name.subarray(0, 100), '0', 0)]);
}

function header(name: Buffer, type: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  name.copy(block);
  block.write('0000644\0', 100);
  block.write('0000000\0', 108);
  block.write('0000000\0', 116);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write('00000000000\0', 136);
  block.write('        ', 148);
  block.write(type, 156);
  block.write('ustar  \0', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
