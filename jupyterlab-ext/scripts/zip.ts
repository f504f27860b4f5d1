import { crc32, deflateRawSync } from 'node:zlib';

/** A file of an archive; `path` with slashes. */
export interface ArchiveFile {
  path: string;
  content: Uint8Array;
}

/** 1980-01-01 00:00, the first moment that the format knows: equal files make equal archives. */
const DOS_DATE = 0x21;
const DEFLATE = 8;
const VERSION = 20;
const UTF8_NAMES = 0x800;
/** Upper half: a regular file that all may read, as Unix writes it. */
const ATTRIBUTES = 0o100644 * 0x10000;
const MADE_ON_UNIX = 3 << 8;

/** A ZIP archive of files in the given order, without directories, dates or anything else of this machine. */
export function zip(files: readonly ArchiveFile[]): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const name = Buffer.from(file.path);
    const data = deflateRawSync(file.content, { level: 9 });
    const common = commonFields(file.content, data, name);
    const local = Buffer.concat([u32(0x04034b50), common, name, data]);
    entries.push(
      Buffer.concat([
        u32(0x02014b50),
        u16(MADE_ON_UNIX | VERSION),
        common,
        u16(0), // comment
        u16(0), // disk
        u16(0), // internal attributes
        u32(ATTRIBUTES),
        u32(offset),
        name,
      ]),
    );
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const count = u16(files.length);
  const end = Buffer.concat([
    u32(0x06054b50),
    u16(0),
    u16(0),
    count,
    count,
    u32(directory.length),
    u32(offset),
    u16(0),
  ]);
  return Buffer.concat([...locals, directory, end]);
}

/** What stands both before the data and in the directory. */
function commonFields(content: Uint8Array, data: Buffer, name: Buffer): Buffer {
  return Buffer.concat([
    u16(VERSION),
    u16(UTF8_NAMES),
    u16(DEFLATE),
    u16(0), // time
    u16(DOS_DATE),
    u32(crc32(content)),
    u32(data.length),
    u32(content.length),
    u16(name.length),
    u16(0), // extra field
  ]);
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
