export { ImageBuilder, inspectImage, type EnsureImageOptions, type ImageBuilderOptions } from './builder.ts';
export { ImageBuildError } from './buildError.ts';
export { detectEngineCli, type EngineCli } from './engineCli.ts';
