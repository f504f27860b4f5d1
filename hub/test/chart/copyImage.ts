import { BlobUpload, inParts, type RegistryClient } from '@davit/oci';

/** Copies an image from one registry to another as it is; its layers keep their digests, so a node that has them fetches none. */
export async function copyImage(
  from: RegistryClient,
  to: RegistryClient,
  [repository, tag]: readonly [string, string],
  signal: AbortSignal,
): Promise<void> {
  const manifest = await from.manifest(repository, tag, signal);
  if (manifest === undefined) throw new Error(`There is no ${repository}:${tag} to be copied.`);
  const { config, layers } = JSON.parse(manifest.text) as Record<'config', Blob> & Record<'layers', Blob[]>;
  for (const { digest } of [config, ...layers]) {
    if (await to.hasBlob(repository, digest, signal)) continue;
    const upload = await BlobUpload.start(to, repository, signal);
    const { body } = await from.request('GET', `${repository}/blobs/${digest}`, { signal });
    for await (const part of inParts(body ?? [])) await upload.write(part);
    await upload.finish(digest);
  }
  await to.putManifest(repository, tag, manifest, signal);
}

interface Blob {
  digest: string;
}
