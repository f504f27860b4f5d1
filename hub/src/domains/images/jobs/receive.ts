import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { AppError } from '../../../platform/errors.ts';

/** Bytes free and in all where a path lies. */
export type DiskOf = (path: string) => Promise<{ free: number; total: number }>;

export interface ReceiveOptions {
  /** Bytes that the sender announced; NaN when it did not. */
  length: number;
  maxBytes: number;
  diskOf: DiskOf;
}

const MIB = 2 ** 20;
/** Between two looks at the disk. */
const LOOK_EVERY = 64 * MIB;
/** The same share of the disk as below which no server starts. */
const MIN_FREE_SHARE = 0.05;
/** The engine unpacks what is stored here. */
const COPIES = 2;
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/**
 * Writes an archive to a file, unpacked when it is compressed, and tells its size. Refused when it is too large, when the
 * disk gets full, and when the sender goes away; then no file is left.
 */
export async function storeArchive(source: Readable, path: string, options: ReceiveOptions): Promise<number> {
  const { length, maxBytes } = options;
  if (length > maxBytes) throw tooLarge(maxBytes);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await requireSpace(path, Number.isNaN(length) ? 0 : length, options.diskOf);
  const file = await open(path, 'wx', 0o600);
  try {
    return await write(source, file, path, options);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function write(source: Readable, file: FileHandle, path: string, options: ReceiveOptions): Promise<number> {
  let bytes = 0;
  let nextLook = LOOK_EVERY;
  for await (const chunk of unpacked(source)) {
    bytes += chunk.length;
    if (bytes > options.maxBytes) throw tooLarge(options.maxBytes);
    if (bytes > nextLook) {
      nextLook += LOOK_EVERY;
      await requireSpace(path, 0, options.diskOf);
    }
    await file.write(chunk);
  }
  if (bytes === 0) {
    throw new AppError('bad-request', 'The upload is empty. Send the archive as the body of the request.', {
      fields: [{ path: 'body', message: 'is empty' }],
    });
  }
  return bytes;
}

/** What is compressed is known by its first bytes: `docker save` and `podman save` pipe into gzip in many recipes. */
async function* unpacked(source: Readable): AsyncGenerator<Buffer> {
  const chunks = received(source);
  const first = await chunks.next();
  if (first.done === true) return;
  const all = async function* (): AsyncGenerator<Buffer> {
    yield first.value;
    yield* chunks;
  };
  const unpack = unpackerFor(first.value);
  if (unpack === undefined) yield* all();
  else yield* unpack(all());
}

function unpackerFor(start: Buffer): ((chunks: AsyncGenerator<Buffer>) => AsyncGenerator<Buffer>) | undefined {
  if (start.subarray(0, 2).equals(GZIP)) return (chunks) => through(chunks, createGunzip());
  if (start.subarray(0, 4).equals(ZSTD)) return (chunks) => through(chunks, createZstdDecompress());
  return undefined;
}

async function* through(
  chunks: AsyncGenerator<Buffer>,
  unpack: ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>,
): AsyncGenerator<Buffer> {
  const input = Readable.from(chunks, { objectMode: false });
  input.once('error', (error) => unpack.destroy(error));
  input.pipe(unpack);
  try {
    for await (const chunk of unpack) yield chunk as Buffer;
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('bad-request', 'The archive is damaged: it could not be decompressed.', {
      fields: [{ path: 'body', message: 'is damaged' }],
      cause: error,
    });
  } finally {
    unpack.destroy();
  }
}

async function* received(source: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of source) yield chunk as Buffer;
  } catch (error) {
    throw new AppError('bad-request', 'The upload broke off. Send it again.', {
      fields: [{ path: 'body', message: 'is not complete' }],
      cause: error,
    });
  }
}

async function requireSpace(path: string, bytes: number, diskOf: DiskOf): Promise<void> {
  const { free, total } = await diskOf(dirname(path));
  if (free - bytes * COPIES >= total * MIN_FREE_SHARE) return;
  throw new AppError(
    'conflict',
    'There is not enough room on the disk for this image. Delete images or files that are not needed, and upload it again.',
  );
}

function tooLarge(maxBytes: number): AppError {
  return new AppError(
    'too-large',
    `The image is larger than ${Math.floor(maxBytes / MIB)} MiB, which is the most that may be uploaded (DAVIT_UPLOAD_LIMIT_MB).`,
  );
}
