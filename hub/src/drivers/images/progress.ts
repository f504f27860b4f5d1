/** A line of a build's log that announces a step: of which stage, and where in it. */
export interface StepLine {
  stage: string;
  step: number;
  steps: number;
}

/** `STEP 7/12: RUN …`, in a build of several stages `[1/2] STEP 7/12: …`. */
const PODMAN_STEP = /^(?:\[(?<stage>\d+)\/\d+\] )?STEP (?<step>\d+)\/(?<steps>\d+):/;
/** `#8 [7/12] RUN …`, with a named or numbered stage `#8 [compile 7/12] …`. */
const BUILDKIT_STEP = /^#\d+ \[(?:(?<stage>[^\]]+?) )? ?(?<step>\d+)\/(?<steps>\d+)\]/;
/** BuildKit numbers only the instructions that make a layer. */
const BUILDKIT_COUNTS = new Set(['FROM', 'RUN', 'COPY', 'ADD', 'WORKDIR']);

/** Reads a step line of `podman build` or of `docker build --progress=plain`; other lines give `undefined`. */
export function parseStep(line: string): StepLine | undefined {
  const groups = (PODMAN_STEP.exec(line) ?? BUILDKIT_STEP.exec(line))?.groups;
  if (groups === undefined) return undefined;
  return { stage: groups['stage'] ?? '', step: Number(groups['step']), steps: Number(groups['steps']) };
}

/** How many steps an engine will count in a Dockerfile, over all its stages. */
export function countSteps(dockerfile: string, engine: 'podman' | 'docker'): number {
  const instructions = dockerfile
    .replaceAll(/^\s*#.*\n?/gm, '')
    .replaceAll(/\\[ \t]*\n/g, ' ')
    .split('\n')
    .map((line) => /^\s*([A-Za-z]+)\s/.exec(line)?.[1]?.toUpperCase())
    .filter((word) => word !== undefined);
  const staged = instructions.slice(instructions.indexOf('FROM'));
  return engine === 'podman' ? staged.length : staged.filter((word) => BUILDKIT_COUNTS.has(word)).length;
}

/**
 * Adds the steps of several stages, and of several builds of one image, to one count that only grows. `expected` is the
 * total that is known beforehand; engines that announce more are believed.
 */
export class StepCounter {
  readonly #expected: number;
  readonly #stages = new Map<string, StepLine>();

  constructor(expected: number) {
    this.#expected = expected;
  }

  /** Takes a line of the log; `part` tells apart builds whose stages have the same names. */
  add(part: string, line: string): void {
    const found = parseStep(line);
    if (found === undefined) return;
    const key = `${part}/${found.stage}`;
    const before = this.#stages.get(key);
    if (before === undefined || found.step > before.step) this.#stages.set(key, found);
  }

  get step(): number {
    return this.#sum((stage) => stage.step);
  }

  get steps(): number {
    return Math.max(
      this.#expected,
      this.#sum((stage) => stage.steps),
    );
  }

  #sum(of: (stage: StepLine) => number): number {
    return [...this.#stages.values()].reduce((total, stage) => total + of(stage), 0);
  }
}
