import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { layerStream, type LayerNode } from '@davit/oci';

/** A layer as a tar on the disk. */
export interface LayerFile {
  /** `sha256:…` of the tar. */
  digest: string;
  bytes: number;
}

export interface WriteOptions {
  signal: AbortSignal;
  /** Bytes written so far. */
  onBytes: (bytes: number) => void;
}

/** Writes a tree as an OCI layer. `directories` are where its nodes lie, by their `layer`. */
export async function writeLayer(
  tree: LayerNode,
  directories: readonly string[],
  path: string,
  { signal, onBytes }: WriteOptions,
): Promise<LayerFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.length;
      onBytes(bytes);
      yield chunk;
    }
  };
  await pipeline(layerStream(tree, directories, signal), counted, createWriteStream(path, { mode: 0o600 }), { signal });
  return { digest: `sha256:${hash.digest('hex')}`, bytes };
}
