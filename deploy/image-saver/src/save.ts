import {
  changesOf,
  described,
  inWords,
  JOB_LABEL,
  layerStream,
  mountBlob,
  OCI,
  putBlob,
  registryBase,
  savedConfig,
  savedManifest,
  SaveRefused,
  totalBytes,
  withView,
  type ContainerLayers,
  type Descriptor,
  type LayerView,
  type RegistryClient,
  type SaveRequest,
  type SaverEvent,
} from '@davit/oci';
import type { Containers, FoundContainer } from './containers.ts';
import { uploadLayer } from './layerUpload.ts';
import { requireSpace, usableBytes } from './space.ts';

/** What a save works with. */
export interface SaveTools {
  containers: Containers;
  client: RegistryClient;
  stores: readonly string[];
  workDir: string;
  signal: AbortSignal;
  tell: (event: SaverEvent) => void;
}

/** Saved layers are recognised on the node by their place, so there has to be one directory for each layer. */
const OTHER_LAYERS =
  'The node keeps the layers of this server’s image in another way than the image lists them, so nothing can be saved on top of it. Tell an admin.';

/** Makes the image of a request in the registry. Rejects with SaveRefused for a reason that stays; leaves nothing then. */
export async function saveContainer(
  request: SaveRequest,
  tools: SaveTools,
): Promise<{ digest: string; sizeBytes: number }> {
  const { client, containers, signal, tell } = tools;
  tell({ event: 'progress', step: 'checking' });
  const container = await containers.find(request.container);
  const base = await registryBase(client, request.base, signal);
  const { savedLayers, diffIds } = base.image;
  if (base.layers.length !== diffIds.length || (savedLayers > 0 && container.overlay.lower.length !== diffIds.length)) {
    throw new SaveRefused(OTHER_LAYERS);
  }
  const { layer, joined } = await withView(tools.workDir, layersOf(container, savedLayers), (view) =>
    sendChanges(request, container, view, tools),
  );
  // A container that went meanwhile took its files along, and what was read is not all.
  if (!(await containers.isRunning(container))) {
    throw new SaveRefused('The server was stopped before it was saved. Save it again while it runs.');
  }
  tell({ event: 'line', text: 'Writing the image into the registry.' });
  tell({ event: 'progress', step: 'storing' });
  const labels = { ...request.labels, [JOB_LABEL]: request.job };
  const created = new Date(request.created);
  const config = savedConfig({ base: base.image, diffId: layer.diffId, joined, labels, created });
  const layers = [...base.layers.slice(0, config.below.length), layer.descriptor];
  return writeImage(request, config.text, layers, tools);
}

/** Reads what changed and sends it as one layer. */
async function sendChanges(
  { scrub, target }: SaveRequest,
  container: FoundContainer,
  view: LayerView,
  { client, stores, signal, tell }: SaveTools,
) {
  const changes = await changesOf(view, { mounts: mountPoints(container), scrub }, signal);
  const { tree, joined } = changes;
  const bytes = totalBytes(tree);
  const joinedToo = joined > 0 ? `, ${joined} saved layers joined in` : '';
  tell({ event: 'line', text: `${inWords(bytes)} to write${joinedToo}.` });
  requireSpace(bytes, await usableBytes(stores));
  const step = joined > 0 ? 'squashing' : 'saving';
  const layer = await uploadLayer(layerStream(tree, view.sources, signal), {
    client,
    repository: target.repository,
    signal,
    onBytes: (done) => tell({ event: 'progress', step, bytesDone: done, bytesTotal: Math.max(bytes, done) }),
  });
  return { layer, joined };
}

/** Base layers first, so that the registry has all that the manifest names; the tag is the last. */
async function writeImage(
  { base, target }: SaveRequest,
  configText: string,
  layers: readonly Descriptor[],
  { client, signal }: SaveTools,
) {
  const { repository, tag } = target;
  for (const { digest } of layers.slice(0, -1)) {
    await mountBlob(client, { repository, from: base.repository, digest }, signal);
  }
  const config = described(`${OCI}.config.v1+json`, configText);
  await putBlob(client, repository, configText, signal);
  const manifest = savedManifest(config, layers);
  const { digest } = described(manifest.mediaType, manifest.text);
  try {
    await client.putManifest(repository, tag, manifest, signal);
    signal.throwIfAborted();
  } catch (error) {
    // It may have been written all the same, and nobody wants it any more.
    await client.deleteManifest(repository, digest, AbortSignal.timeout(10_000)).catch(() => undefined);
    throw error;
  }
  return { digest, sizeBytes: layers.reduce((sum, { size }) => sum + size, config.size) };
}

/** The layers of a container of whose image so many were made by saves. */
export function layersOf({ overlay }: Pick<FoundContainer, 'overlay'>, saved: number): ContainerLayers {
  const { upper, lower, isPartial } = overlay;
  return { own: upper, saved: lower.slice(0, saved), below: isPartial ? lower : undefined };
}

/** Where something else than the container's own layer is seen. */
export function mountPoints({ mounts }: Pick<FoundContainer, 'mounts'>): string[] {
  return mounts.map(({ point }) => point).filter((point) => point !== '/');
}
