export { ImageBuilder, type EnsureImageOptions, type ImageBuilderOptions } from './builder.ts';
export { ImageBuildError } from './buildError.ts';
export { detectEngineCli, type EngineCli } from './engineCli.ts';
export { inspectByApi, type InspectImage } from './inspect.ts';
