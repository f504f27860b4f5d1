import { chmod, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BuildProgress, BuiltInImage, ImageLocation, ImageSource } from '../../domains/images/index.ts';
import { ImageBuildError } from './buildError.ts';
import { bundleAgent } from './agentBundle.ts';
import { builtInImage, isService, loadCatalogue, type Catalogue, type Services } from './catalogue.ts';
import type { ContextFile } from './contextFiles.ts';
import { runBuild, type EngineCli } from './engineCli.ts';
import { collectHostSettings, type HostSettings } from './hostSettings.ts';
import { inspectByCommand, type InspectImage } from './inspect.ts';
import { ensureOsImage } from './osImage.ts';
import { withLabels } from './labels.ts';
import { makeOwnDirectory } from './ownDirectory.ts';
import type { Overlays } from './overlays.ts';
import { buildPlan, findImage, imageRefs, type Added, type BuildStep, type ImageRefs } from './plan.ts';
import { countSteps, StepCounter } from './progress.ts';
import { writeSecret } from './settingsSecret.ts';
import { SharedJobs } from './sharedJobs.ts';

export interface ImageBuilderOptions {
  engine: EngineCli;
  /** The repository's folder `images`. */
  imagesDir: string;
  /** A directory for build contexts, made when missing; what is in it lives only as long as a build. */
  workDir: string;
  /** The agent's main file; `agent/src/main.ts` in `imagesDir` by default. */
  agentEntry?: string;
  /** What images get besides the agent; nothing by default. */
  overlays?: Overlays;
  /** Parts of Davit itself that may be built too, from the sources beside `imagesDir`; none by default. */
  services?: Services;
  /** How to look for images; by the engine's command by default. */
  inspect?: InspectImage;
  /** The package-manager settings builds use; those of this machine by default. */
  settings?: () => Promise<HostSettings>;
}

export interface EnsureImageOptions {
  signal?: AbortSignal;
  onProgress?: (progress: BuildProgress) => void;
}

/** Files of a context carry this date, so that a fresh checkout finds the engine's layer cache. */
const CONTEXT_DATE = new Date('2024-01-01T00:00:00Z');

/** Builds the images that come with Davit, by the engine's command, one at a time. Implements the port of the domain. */
export class ImageBuilder implements ImageSource {
  readonly #options: ImageBuilderOptions;
  readonly #catalogue: Catalogue;
  readonly #added: Added;
  readonly #refs: Map<string, ImageRefs>;
  readonly #inspect: InspectImage;
  readonly #jobs = new SharedJobs<ImageLocation, BuildProgress>();

  private constructor(options: ImageBuilderOptions, catalogue: Catalogue, added: Added) {
    this.#options = options;
    this.#catalogue = catalogue;
    this.#added = added;
    this.#refs = imageRefs(catalogue, added);
    this.#inspect = options.inspect ?? inspectByCommand(options.engine);
  }

  /** Reads the catalogue and bundles the agent, from which the references follow. Does not talk to the engine. */
  static async create(options: ImageBuilderOptions): Promise<ImageBuilder> {
    const entry = options.agentEntry ?? join(options.imagesDir, 'agent', 'src', 'main.ts');
    // One after the other: both may use the one esbuild, which the first to end stops.
    const catalogue = await loadCatalogue(options.imagesDir, options.services);
    const agent = await bundleAgent(entry);
    return new ImageBuilder(options, catalogue, { agent, overlays: options.overlays ?? {} });
  }

  catalogue(): BuiltInImage[] {
    return this.#catalogue.images.filter((image) => !isService(image)).map(builtInImage);
  }

  /** Names of the parts of Davit itself; empty where they were not asked for. */
  services(): string[] {
    return this.#catalogue.images.filter(isService).map(({ manifest }) => manifest.name);
  }

  /** What the images are made of. */
  files(): Catalogue {
    return this.#catalogue;
  }

  /** The reference of an image's current content; throws for an unknown name. */
  ref(name: string): string {
    return this.#refsOf(name).image;
  }

  /** The references of all images and of the layers below them, as they would be built now. */
  refs(): string[] {
    return [...this.#refs.values()].flatMap(({ layers, image }) => [layers, image]);
  }

  /** Where the current content of an image lies, `undefined` when it has to be built. */
  async present(name: string): Promise<ImageLocation | undefined> {
    return this.#inspect(this.ref(name));
  }

  async locate(digest: string): Promise<ImageLocation | undefined> {
    return this.#inspect(digest);
  }

  /**
   * Builds what is missing of an image and its parents. Calls for the same image share one build, which is aborted when
   * all of them are; builds of different images wait for each other. Rejects with an ImageBuildError that says what to do.
   */
  async ensure(name: string, options: EnsureImageOptions = {}): Promise<ImageLocation> {
    findImage(this.#catalogue, name);
    return this.#jobs.run(name, options, (signal, report) => this.#build(name, signal, report));
  }

  async #build(name: string, signal: AbortSignal, report: (progress: BuildProgress) => void): Promise<ImageLocation> {
    const found = await this.present(name);
    if (found !== undefined) return found;
    const { engine, workDir } = this.#options;
    const settings = await (this.#options.settings ?? collectHostSettings)();
    const directory = await makeOwnDirectory(workDir, 'build-');
    const secret = await writeSecret(settings);
    try {
      const onLine = (line: string): void => report({ image: name, step: 0, steps: 0, line });
      await ensureOsImage({ engine, settings, directory: join(directory, 'os'), signal, onLine });
      await this.#runSteps(await this.#plan(name), { directory, secret: secret.path, signal, report });
    } finally {
      await Promise.all([secret.dispose(), rm(directory, { recursive: true, force: true })]);
    }
    const built = await this.present(name);
    if (built === undefined) throw new ImageBuildError(`The build of ${name} ended, but the image is not there.`, []);
    return built;
  }

  async #plan(name: string): Promise<BuildStep[]> {
    const present = new Set<string>();
    for (const { layers } of this.#refs.values()) {
      if ((await this.#inspect(layers)) !== undefined) present.add(layers);
    }
    return buildPlan(this.#catalogue, this.#refs, this.#added, name, present);
  }

  async #runSteps(steps: BuildStep[], run: Omit<StepRun, 'counter'>): Promise<void> {
    const counters = new Map<string, StepCounter>();
    for (const step of steps) {
      const ofImage = steps.filter((one) => one.image === step.image);
      const total = ofImage.reduce((sum, one) => sum + expectedSteps(one, this.#options.engine.kind), 0);
      const counter = counters.get(step.image) ?? new StepCounter(total);
      counters.set(step.image, counter);
      await this.#runStep(step, { ...run, counter });
    }
  }

  async #runStep(step: BuildStep, { directory, secret, signal, report, counter }: StepRun): Promise<void> {
    const context = join(directory, `${step.image}-${step.part}`);
    await writeContext(context, step.files);
    const dockerfile = `${context}.Dockerfile`;
    await writeFile(dockerfile, withLabels(step.dockerfile, step.labels));
    const { engine } = this.#options;
    const onLine = (line: string): void => {
      counter.add(step.part, line);
      report({ image: step.image, step: counter.step, steps: counter.steps, line });
    };
    const args = buildArgs(engine.kind, step, { context, dockerfile, secret });
    const result = await runBuild(engine, args, { signal, onLine });
    if (result.code === 0) return;
    const where = counter.step > 0 ? `at step ${counter.step} of ${counter.steps}` : 'before its first step';
    throw ImageBuildError.of(`The build of ${step.image} failed ${where}`, result);
  }

  #refsOf(name: string): ImageRefs {
    const refs = this.#refs.get(findImage(this.#catalogue, name).manifest.name);
    if (refs === undefined) throw new Error(`There is no image ${name}.`);
    return refs;
  }
}

interface StepRun {
  directory: string;
  secret: string;
  signal: AbortSignal;
  report: (progress: BuildProgress) => void;
  counter: StepCounter;
}

function expectedSteps({ dockerfile, labels }: BuildStep, kind: EngineCli['kind']): number {
  return countSteps(withLabels(dockerfile, labels), kind);
}

/**
 * The arguments of one build after the engine's own. Podman is kept from passing on proxies by itself: they may hold a
 * password and travel in the secret.
 */
function buildArgs(
  kind: EngineCli['kind'],
  step: BuildStep,
  { context, dockerfile, secret }: { context: string; dockerfile: string; secret: string },
): string[] {
  return [
    'build',
    ...(kind === 'podman' ? ['--layers', '--http-proxy=false'] : ['--progress=plain']),
    `--secret=id=pm,src=${secret}`,
    ...Object.entries(step.args).map(([name, value]) => `--build-arg=${name}=${value}`),
    `--tag=${step.ref}`,
    `--file=${dockerfile}`,
    context,
  ];
}

/**
 * Writes the files of a build context.
 * Modes and dates are set, not copied: a checkout with a narrow umask would make files that the image's user cannot read.
 */
export async function writeContext(directory: string, files: ContextFile[]): Promise<void> {
  for (const { path, executable, content } of files) {
    const target = join(directory, path);
    await makeFolders(directory, dirname(path));
    await writeFile(target, content, { mode: executable ? 0o755 : 0o644 });
    await utimes(target, CONTEXT_DATE, CONTEXT_DATE);
  }
}

/** Folders are copied into images with their modes, over those that are there. */
async function makeFolders(directory: string, path: string): Promise<void> {
  const target = join(directory, path);
  await mkdir(target, { recursive: true });
  if (path !== '.') await makeFolders(directory, dirname(path));
  await chmod(target, 0o755);
}
