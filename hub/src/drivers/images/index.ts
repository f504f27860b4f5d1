export { ImageBuilder } from './builder.ts';
export { detectEngineCli } from './engineCli.ts';
export { inspectByApi } from './inspect.ts';
export { EngineImageMaker } from './maker/imageMaker.ts';
export { loadOverlays } from './overlays.ts';
export { knownImages, pushImage, RegistryImages } from './registryImages.ts';
export { RegistryMaker } from './registryMaker.ts';
export { recordedImages, recordImages } from './recordedImages.ts';
