import { readFile } from 'node:fs/promises';
import {
  changesOf,
  credentialAuth,
  Measurements,
  noAuth,
  RegistryClient,
  SaveRefused,
  tokenAuth,
  totalBytes,
  withView,
  type MeasureRequest,
  type RegistryAuth,
  type SaveRequest,
  type SaverEvent,
  type SaverMeasure,
} from '@davit/oci';
import type { Config } from './config.ts';
import { Containers, type FoundContainer } from './containers.ts';
import { notSaved } from './measure.ts';
import { layersOf, mountPoints, saveContainer } from './save.ts';
import { usableBytes } from './space.ts';

interface Running {
  instance: string;
  job: string;
  abort: AbortController;
  done: Promise<void>;
}

/** Each reads as fast as the disk goes, and keeps a list of all that changed in memory. */
const WIDTH = 2;
/** What takes longer is told as not known. */
const MEASURE_MS = 8000;
const PROC = '/proc';
const CANCELLED = 'The save was cancelled.';

export interface SaverOptions extends Pick<Config, 'stores' | 'workDir' | 'credential'> {
  log: (entry: Record<string, unknown>) => void;
}

/** The saves of one node. */
export class Saver {
  readonly #options: SaverOptions;
  readonly #containers: Containers;
  readonly #measurements = new Measurements<SaverMeasure>();
  readonly #running = new Set<Running>();

  constructor(options: SaverOptions) {
    this.#options = options;
    this.#containers = new Containers({ proc: PROC, stores: options.stores });
  }

  /** Saves and tells how it goes; what was told last is how it ended. Never rejects. */
  async save(request: SaveRequest, signal: AbortSignal, tell: (event: SaverEvent) => void): Promise<void> {
    const { instance, job } = request;
    // One that a dead hub began goes on until its connection is known to be dead.
    await this.cancel(instance, job);
    const abort = new AbortController();
    const { promise: done, resolve } = Promise.withResolvers<undefined>();
    const running: Running = { instance, job, abort, done };
    const before = [...this.#running];
    this.#running.add(running);
    const onAbort = (): void => abort.abort(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    const began = performance.now();
    try {
      await this.#untilRoom(before, abort.signal, tell);
      const saved = await this.#save(request, abort.signal, tell);
      this.#log('saved', request, { ...saved, ms: Math.round(performance.now() - began) });
      tell({ event: 'done', ...saved });
    } catch (error) {
      // What was aborted fails in many words; why it was aborted is what counts.
      const cause: unknown = abort.signal.aborted ? abort.signal.reason : error;
      const message = cause instanceof Error ? cause.message : String(cause);
      this.#log('not saved', request, { error: message });
      tell({ event: 'failed', refused: error instanceof SaveRefused, message });
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#running.delete(running);
      resolve(undefined);
    }
  }

  /** Ends the save of a job, and resolves when nothing of it is under way. */
  cancel(instance: string, job: string): Promise<void> {
    return this.#end((one) => one.instance === instance && one.job === job, CANCELLED);
  }

  /** Ends all saves of a hub but these. */
  sweep(instance: string, active: readonly string[]): Promise<void> {
    return this.#end((one) => one.instance === instance && !active.includes(one.job), CANCELLED);
  }

  /** Goes on when who asked has gone: others may wait for the same. */
  async measure({ container, scrub }: MeasureRequest): Promise<SaverMeasure> {
    const found = await this.#containers.find(container);
    const bound = AbortSignal.timeout(MEASURE_MS);
    return this.#measurements.of(container.id, bound, () => this.#measure(found, scrub, bound));
  }

  async #measure(found: FoundContainer, scrub: readonly string[], bound: AbortSignal): Promise<SaverMeasure> {
    const { stores, workDir } = this.#options;
    const [missing, changedBytes, freeBytes] = await Promise.all([
      notSaved(found, { proc: PROC, signal: bound }),
      withView(workDir, layersOf(found, 0), async (view) =>
        totalBytes((await changesOf(view, { mounts: mountPoints(found), scrub }, bound)).tree),
      ).catch(() => null),
      usableBytes(stores).catch(() => null),
    ]);
    return { notSaved: missing, changedBytes, freeBytes };
  }

  /** Ends everything. */
  stop(): Promise<void> {
    return this.#end(() => true, 'The image saver of the machine was stopped in the middle of the save.');
  }

  #save(request: SaveRequest, signal: AbortSignal, tell: (event: SaverEvent) => void) {
    const { stores, workDir } = this.#options;
    const client = new RegistryClient(new URL(request.registry.url), this.#auth(request.registry.token));
    return saveContainer(request, { containers: this.#containers, client, stores, workDir, signal, tell });
  }

  #auth(token: string | undefined): RegistryAuth {
    const { credential } = this.#options;
    if (token !== undefined) return tokenAuth(() => Promise.resolve(token));
    if (credential === undefined) return noAuth;
    return credentialAuth(credential.user, async () => (await readFile(credential.passwordFile, 'utf8')).trim());
  }

  /** First come, first served: waits until fewer than WIDTH of those before are left. */
  async #untilRoom(before: readonly Running[], signal: AbortSignal, tell: (event: SaverEvent) => void): Promise<void> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    for (let isFirst = true; ; isFirst = false) {
      signal.throwIfAborted();
      const left = before.filter((one) => this.#running.has(one));
      if (left.length < WIDTH) return;
      if (isFirst) tell({ event: 'line', text: 'Waiting for other saves on the same machine.' });
      await Promise.race([...left.map((one) => one.done), aborted]);
    }
  }

  async #end(isMeant: (one: Running) => boolean, reason: string): Promise<void> {
    const meant = [...this.#running].filter(isMeant);
    for (const { abort } of meant) abort.abort(new Error(reason));
    await Promise.all(meant.map(({ done }) => done));
  }

  #log(message: string, { job, container, target }: SaveRequest, more: Record<string, unknown>): void {
    const { repository } = target;
    this.#options.log({ message, job, server: container.serverId, container: container.id, repository, ...more });
  }
}
