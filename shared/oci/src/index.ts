export { countSaved, JOB_LABEL, savedConfig, type BaseImage, type ContainerConfig } from './image/config.ts';
export { described, OCI, type Descriptor } from './image/descriptor.ts';
export { changesOf, type Changes } from './layer/changes.ts';
export { layerStream } from './layer/layerStream.ts';
export { leftOutBy, bytesOf } from './layer/pattern.ts';
export { tarOf, TAR_END } from './layer/tar.ts';
export { readLayer, totalBytes, type LayerNode } from './layer/tree.ts';
export { SaveRefused } from './refused.ts';
