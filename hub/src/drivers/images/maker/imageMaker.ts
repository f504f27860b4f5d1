import { rm, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageMaker, Made, MakeOptions, MakeTarget } from '../../../domains/images/index.ts';
import { writeContext, type ImageBuilder } from '../builder.ts';
import { readFolder } from '../contextFiles.ts';
import { runBuild, runEngine, type CommandResult, type EngineCli } from '../engineCli.ts';
import { collectHostSettings, type HostSettings } from '../hostSettings.ts';
import { withLabels } from '../labels.ts';
import { makeOwnDirectory } from '../ownDirectory.ts';
import { countSteps, StepCounter } from '../progress.ts';
import { writeSecret } from '../settingsSecret.ts';
import { prepareArchive } from './archive.ts';
import { withBase } from './dockerfile.ts';
import { EngineImages, type ImagesApi } from './engineImages.ts';
import { finishingOf, type Finishing } from './finishing.ts';
import { adoptionFailed, buildFailed, loadFailed } from './words.ts';

export interface ImageMakerOptions {
  engine: EngineCli;
  api: ImagesApi;
  /** Gives the base image, from which other images get the agent. */
  builder: Pick<ImageBuilder, 'ensure' | 'files'>;
  /** The repository's folder `images`. */
  imagesDir: string;
  /** A directory for build contexts, made when missing; what is in it lives only as long as a build. */
  workDir: string;
  instanceId: string;
  /** The package-manager settings builds use; those of this machine by default. */
  settings?: () => Promise<HostSettings>;
}

interface Build {
  dockerfile: string;
  /** The context. */
  files: Finishing['files'];
  ref: string;
  args: Record<string, string>;
  labels: Record<string, string>;
}

const BASE_IMAGE = 'base';

/** Makes images of archives and Dockerfiles by the engine's command. Implements the port of the domain. */
export class EngineImageMaker implements ImageMaker {
  readonly #options: ImageMakerOptions;
  readonly #images: EngineImages;

  constructor(options: ImageMakerOptions) {
    this.#options = options;
    this.#images = new EngineImages(options.api);
  }

  async importArchive(path: string, target: MakeTarget, options: MakeOptions): Promise<Made> {
    const base = await this.#base(options);
    const { architecture } = await this.#images.inspect(base);
    await prepareArchive(path, architecture);
    options.signal.throwIfAborted();
    options.onLine('The engine takes the image in.');
    const ref = this.#wayRef(target.job);
    await this.#load(path, ref, options);
    options.signal.throwIfAborted();
    const made = await this.#finish(ref, base, target, options);
    await this.#images.remove(ref);
    return made;
  }

  async buildDockerfile(dockerfile: string, baseRef: string, target: MakeTarget, options: MakeOptions): Promise<Made> {
    const base = await this.#base(options);
    const text = withBase(dockerfile);
    const steps = new StepCounter(countSteps(text, this.#options.engine.kind));
    const onLine = (line: string): void => {
      steps.add('build', line);
      options.onLine(line);
      options.onProgress({ step: steps.step, steps: steps.steps });
    };
    const ref = this.#wayRef(target.job);
    const build = { dockerfile: text, files: [], ref, args: { BASE: baseRef }, labels: {} };
    const result = await this.#build(build, { ...options, onLine });
    if (result.code !== 0) {
      throw buildFailed(result, steps.step > 0 ? `at step ${steps.step} of ${steps.steps}` : 'before its first step');
    }
    const made = await this.#finish(ref, base, target, options);
    await this.#untag(ref);
    return made;
  }

  remove(ref: string): Promise<void> {
    return this.#images.remove(ref);
  }

  async discard({ job, ref }: Pick<MakeTarget, 'job' | 'ref'>): Promise<void> {
    await this.#images.remove(ref);
    await this.#images.remove(this.#wayRef(job));
  }

  async sweep(active: ReadonlySet<string>): Promise<void> {
    const wanted = new Set([...active].map((job) => this.#wayRef(job)));
    const left = (await this.#images.refsLike(this.#wayPrefix)).filter((ref) => !wanted.has(ref));
    for (const ref of left) await this.#images.remove(ref);
  }

  get #wayPrefix(): string {
    return `localhost/davit-making-${this.#options.instanceId}-`;
  }

  /** What a job has in hand before it is complete. */
  #wayRef(job: string): string {
    return `${this.#wayPrefix}${job}:way`;
  }

  async #base({ signal, onLine }: MakeOptions): Promise<string> {
    const { ref } = await this.#options.builder.ensure(BASE_IMAGE, { signal, onProgress: ({ line }) => onLine(line) });
    return ref;
  }

  /** Not to be aborted: an engine that is stopped halfway keeps layers that belong to no image. */
  async #load(path: string, ref: string, { onLine }: MakeOptions): Promise<void> {
    const { engine, workDir } = this.#options;
    const temporary = await makeOwnDirectory(workDir, 'load-');
    try {
      const result = await runEngine(engine, ['load', '--input', path], { onLine, env: { TMPDIR: temporary } });
      const loaded = /Loaded image[^:]*: *(\S+)/i.exec(result.output)?.[1];
      if (result.code !== 0 || loaded === undefined) throw loadFailed(result);
      // By its id: the archive has lost the names it brought.
      await this.#images.tag((await this.#images.inspect(loaded)).location.digest, ref);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
  }

  /** Gives an image the hub's labels, and the agent if it has none. The labels make each image another one for the engine. */
  async #finish(ref: string, base: string, target: MakeTarget, options: MakeOptions): Promise<Made> {
    const { builder, imagesDir } = this.#options;
    const adopt = await readFolder(join(imagesDir, 'adopt'));
    const finishing = finishingOf(await this.#images.inspect(ref), target.editors, builder.files(), adopt);
    const labels = { ...target.labels, ...finishing.labels, 'davit.made-job': target.job };
    const args: Record<string, string> = { LAYERS: ref, ...(needsBase(finishing) ? { BASE: base } : {}) };
    const result = await this.#build({ ...finishing, labels, args, ref: target.ref }, options);
    if (result.code !== 0) throw adoptionFailed(result);
    const { location } = await this.#images.inspect(target.ref);
    return { location, editors: finishing.editors };
  }

  /**
   * Takes the reference of what a build made on the way. Podman's cache are images without a name, and with one that is
   * removed those below it go: so there only the name does, and what it named goes with the complete image.
   */
  async #untag(ref: string): Promise<void> {
    const { engine } = this.#options;
    if (engine.kind === 'docker') return this.#images.remove(ref);
    const result = await runEngine(engine, ['untag', ref, ref]);
    if (result.code !== 0) await this.#images.remove(ref);
  }

  async #build({ dockerfile, labels, files, ref, args }: Build, options: MakeOptions): Promise<CommandResult> {
    const { engine, workDir, settings = collectHostSettings } = this.#options;
    const directory = await makeOwnDirectory(workDir, 'make-');
    const secret = await writeSecret(await settings());
    try {
      await mkdir(join(directory, 'context'));
      await writeContext(join(directory, 'context'), files);
      await writeFile(join(directory, 'Dockerfile'), withLabels(dockerfile, labels));
      const command = makeArgs(engine.kind, { ref, args, directory }, secret.path);
      return await runBuild(engine, command, { signal: options.signal, onLine: options.onLine });
    } finally {
      await Promise.all([secret.dispose(), rm(directory, { recursive: true, force: true })]);
    }
  }
}

function needsBase({ dockerfile }: Finishing): boolean {
  return /^ARG BASE$/m.test(dockerfile);
}

/** The arguments of one build. The context is a directory of its own, so a Dockerfile reaches nothing of this machine. */
function makeArgs(
  kind: EngineCli['kind'],
  { directory, ref, args }: Pick<Build, 'ref' | 'args'> & { directory: string },
  secret: string,
): string[] {
  return [
    'build',
    ...(kind === 'podman' ? ['--layers', '--http-proxy=false'] : ['--progress=plain']),
    `--secret=id=pm,src=${secret}`,
    ...Object.entries(args).map(([name, value]) => `--build-arg=${name}=${value}`),
    `--tag=${ref}`,
    `--file=${join(directory, 'Dockerfile')}`,
    join(directory, 'context'),
  ];
}
