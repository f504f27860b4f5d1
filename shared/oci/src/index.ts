export { countSaved, JOB_LABEL, savedConfig, type BaseImage } from './image/config.ts';
export { described, digestOf, OCI, type Descriptor } from './image/descriptor.ts';
export { registryBase, savedManifest, type RegistryBase } from './image/registryBase.ts';
export { changesOf, type Changes } from './layer/changes.ts';
export { layerStream } from './layer/layerStream.ts';
export { overlayDefaults, overlayOf, parseMountinfo, type Mount, type Overlay } from './layer/mountinfo.ts';
export { leftOutBy, bytesOf } from './layer/pattern.ts';
export { tarOf, TAR_END } from './layer/tar.ts';
export { readLayer, totalBytes, type LayerNode } from './layer/tree.ts';
export { clearViews, withView, type ContainerLayers, type LayerView } from './layer/view.ts';
export { SaveRefused } from './refused.ts';
export { inWords, usableOf } from './room.ts';
export type { RegistryAccess } from './registry/access.ts';
export { credentialAuth, noAuth, tokenAuth, type RegistryAuth } from './registry/auth.ts';
export { RegistryClient, RegistryError } from './registry/client.ts';
export { BlobUpload, inParts, mountBlob, putBlob } from './registry/upload.ts';
export {
  SAVER_BEAT_MS,
  SAVER_ISSUER,
  SAVER_PATH,
  SAVER_REQUEST_SECONDS,
  saverAudience,
  saverEventSchema,
  saverMeasureSchema,
  saverProblemSchema,
  saverRequestSchema,
  type MeasureRequest,
  type SaveRequest,
  type SaverEvent,
  type SaverMeasure,
  type SaverRequest,
} from './saver/contract.ts';
export { Measurements } from './saver/measurements.ts';
