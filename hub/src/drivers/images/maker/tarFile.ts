import type { FileHandle } from 'node:fs/promises';

/** Where the content of one file lies in a tar. */
export interface TarEntry {
  offset: number;
  size: number;
}

const BLOCK = 512;
/** More entries than any image has; a file of zero-length entries must not keep the hub busy. */
const MAX_ENTRIES = 100_000;
/** Header fields: offset and length (POSIX ustar). */
const NAME = [0, 100] as const;
const SIZE = [124, 12] as const;
const CHECKSUM = [148, 8] as const;
const TYPE = 156;
const MAGIC = [257, 5] as const;
const PREFIX = [345, 155] as const;
const REGULAR = new Set(['0', '\0', '']);

/** The regular files of a tar by their paths; undefined when it is no tar. Contents are skipped, not read. */
export async function readTarIndex(file: FileHandle): Promise<Map<string, TarEntry> | undefined> {
  const { size: end } = await file.stat();
  const entries = new Map<string, TarEntry>();
  const header = Buffer.alloc(BLOCK);
  let offset = 0;
  for (let count = 0; count < MAX_ENTRIES && offset + BLOCK <= end; count += 1) {
    await file.read(header, 0, BLOCK, offset);
    if (header.every((byte) => byte === 0)) break;
    if (!isHeader(header)) return undefined;
    const size = sizeOf(header);
    const content = offset + BLOCK;
    if (size === undefined || content + size > end) return undefined;
    if (REGULAR.has(String.fromCharCode(header[TYPE] ?? 0))) entries.set(nameOf(header), { offset: content, size });
    offset = content + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries.size === 0 ? undefined : entries;
}

/** The text of one entry; undefined when it is longer than `max`. */
export async function readEntry(
  file: FileHandle,
  { offset, size }: TarEntry,
  max: number,
): Promise<string | undefined> {
  if (size > max) return undefined;
  const content = Buffer.alloc(size);
  await file.read(content, 0, size, offset);
  return content.toString('utf8');
}

/** Puts a text in the place of another one, filled up with spaces, which JSON ignores; it must not be longer. */
export async function rewriteEntry(file: FileHandle, { offset, size }: TarEntry, text: string): Promise<void> {
  const content = Buffer.alloc(size, ' ');
  if (content.write(text) < Buffer.byteLength(text)) throw new Error('a tar entry cannot grow in its place');
  await file.write(content, 0, size, offset);
}

function isHeader(header: Buffer): boolean {
  if (textOf(header, MAGIC) !== 'ustar') return false;
  const stated = parseInt(textOf(header, CHECKSUM).trim(), 8);
  const [start, length] = CHECKSUM;
  let sum = 0;
  for (const [index, byte] of header.entries()) sum += index >= start && index < start + length ? 0x20 : byte;
  return sum === stated;
}

/** Octal digits, or for large files a binary number whose first bit is set. */
function sizeOf(header: Buffer): number | undefined {
  const [start, length] = SIZE;
  if (((header[start] ?? 0) & 0x80) !== 0) return Number(header.readBigUInt64BE(start + length - 8));
  const text = textOf(header, SIZE).trim();
  return /^[0-7]*$/.test(text) ? parseInt(text || '0', 8) : undefined;
}

function nameOf(header: Buffer): string {
  const prefix = textOf(header, PREFIX);
  const name = textOf(header, NAME);
  return (prefix === '' ? name : `${prefix}/${name}`).replace(/^\.\//, '');
}

function textOf(header: Buffer, [start, length]: readonly [number, number]): string {
  const text = header.toString('latin1', start, start + length);
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
