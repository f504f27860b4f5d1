import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress } from 'node:zlib';
import { BlobUpload, inParts, OCI, type Descriptor, type RegistryClient } from '@davit/oci';

/** A little smaller than gzip makes it in a third of the time (168 MB of libraries: 2.5 s instead of 7.6); runtimes since 2021 read it. */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 } };

/** A layer in the registry, and what its digest is unpacked. */
export interface UploadedLayer {
  descriptor: Descriptor;
  diffId: string;
}

interface LayerUploadOptions {
  client: RegistryClient;
  repository: string;
  signal: AbortSignal;
  /** Bytes of the tar that have been read. */
  onBytes: (bytes: number) => void;
}

/** Sends a tar as it is read, compressed: nothing of it lies on the node's disk, and few megabytes in memory. */
export async function uploadLayer(
  tar: AsyncIterable<Buffer>,
  { client, repository, signal, onBytes }: LayerUploadOptions,
): Promise<UploadedLayer> {
  const upload = await BlobUpload.start(client, repository, signal);
  const [plain, packed] = [createHash('sha256'), createHash('sha256')];
  let [read, size] = [0, 0];
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of tar) {
      plain.update(chunk);
      read += chunk.length;
      onBytes(read);
      yield chunk;
    }
  };
  try {
    const source = Readable.from(counted(), { objectMode: false });
    await pipeline(
      source,
      createZstdCompress(ZSTD),
      async (compressed: AsyncIterable<Buffer>) => {
        for await (const part of inParts(compressed)) {
          packed.update(part);
          size += part.length;
          await upload.write(part);
        }
      },
      { signal },
    );
    const digest = `sha256:${packed.digest('hex')}`;
    await upload.finish(digest);
    const descriptor = { mediaType: `${OCI}.layer.v1.tar+zstd`, digest, size };
    return { descriptor, diffId: `sha256:${plain.digest('hex')}` };
  } catch (error) {
    await upload.cancel();
    throw error;
  }
}
