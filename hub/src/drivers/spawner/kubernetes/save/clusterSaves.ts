import { saverMeasureSchema, type SaveRequest } from '@davit/oci';
import type { ImageLocation, SaveMeasure, SaveOptions, SaveTarget } from '../../../../domains/images/index.ts';
import { SpawnRefused, type ServerRef } from '../../../../domains/servers/spawner.ts';
import type { Clock } from '../../../../platform/clock.ts';
import { messageOf } from '../../../../platform/errors.ts';
import type { Logger } from '../../../../platform/log.ts';
import type { Cluster } from '../cluster.ts';
import { CONTAINER } from '../settings.ts';
import type { Pod } from '../wire.ts';
import type { SaverPlace, Savers } from './savers.ts';
import type { SaverSettings } from './settings.ts';

/** Domains name what a save makes as an engine of one machine would; in the registry it lies below the same path. */
const LOCAL = 'localhost/davit/';
const CANCEL_MS = 20_000;
const SWEEP_MS = 10 * 60_000;

const GONE = 'The server was stopped or started anew before it was saved. Save it again while it runs.';

interface ClusterSavesOptions {
  instanceId: string;
  cluster: Cluster;
  savers: Savers;
  settings: SaverSettings;
  clock: Clock;
  log: Logger;
}

/** Saves pods as images in the registry, by the image saver of the node on which a pod runs. */
export class ClusterSaves {
  readonly #options: ClusterSavesOptions;
  /** Which saver works on a job. */
  readonly #places = new Map<string, SaverPlace>();
  #sweptAt = -Infinity;

  constructor(options: ClusterSavesOptions) {
    this.#options = options;
  }

  async save(ref: ServerRef, target: SaveTarget, options: SaveOptions): Promise<ImageLocation> {
    const { signal, onProgress, confirm } = options;
    onProgress({ step: 'checking' });
    await this.discard(target, signal);
    const { place, container, image } = await this.#running(ref, signal);
    const wanted = await this.#request(container, image, target);
    // The saver ends what it does for this job already, and that may be another hub's.
    await confirm();
    this.#places.set(target.job, place);
    try {
      const saved = await this.#follow(place, wanted, options);
      signal.throwIfAborted();
      return { ref: this.#refOf(target.ref), ...saved };
    } catch (error) {
      // The caller's signal may be what ended the work; cleaning up must happen nevertheless.
      await this.#cleanUp(target, confirm).catch((failure: unknown) => {
        this.#options.log.warn({ job: target.job, error: messageOf(failure) }, 'leavings of a save stay');
      });
      throw error;
    } finally {
      this.#places.delete(target.job);
    }
  }

  /** A saver ends a save by itself when the hub's connection ends; it is asked so that nothing comes after this. */
  async discard({ job, ref }: Pick<SaveTarget, 'job' | 'ref'>, signal: AbortSignal): Promise<void> {
    const { instanceId, savers, settings } = this.#options;
    const place = this.#places.get(job);
    if (place !== undefined) {
      const bound = AbortSignal.any([signal, AbortSignal.timeout(CANCEL_MS)]);
      // One that is not there any more does nothing any more.
      await savers.ask(place, { action: 'cancel', instance: instanceId, job }, bound).catch(() => undefined);
    }
    await settings.registry.remove(this.#refOf(ref));
  }

  async #cleanUp(target: SaveTarget, confirm: SaveOptions['confirm']): Promise<void> {
    await confirm();
    await this.discard(target, AbortSignal.timeout(2 * CANCEL_MS));
  }

  async sweep(active: ReadonlySet<string>, signal: AbortSignal): Promise<void> {
    const { clock, savers, instanceId, log } = this.#options;
    // Only a hub whose connections were cut without a word leaves a save that goes on.
    if (clock.now().getTime() - this.#sweptAt < SWEEP_MS) return;
    const places = await savers.all(signal);
    const request = { action: 'sweep' as const, instance: instanceId, active: [...active] };
    const bound = AbortSignal.any([signal, AbortSignal.timeout(CANCEL_MS)]);
    await Promise.all(
      places.map((place) =>
        savers.ask(place, request, bound).catch((error: unknown) => {
          log.warn({ node: place.node, error: messageOf(error) }, 'saves without a job may go on');
        }),
      ),
    );
    this.#sweptAt = clock.now().getTime();
  }

  async measure(ref: ServerRef, scrub: readonly string[], signal: AbortSignal): Promise<SaveMeasure> {
    const { place, container } = await this.#running(ref, signal);
    const request = { action: 'measure' as const, container, scrub: [...scrub] };
    return saverMeasureSchema.parse(await this.#options.savers.ask(place, request, signal));
  }

  async #follow(place: SaverPlace, wanted: SaveRequest, { signal, onProgress, onLine }: SaveOptions) {
    try {
      for await (const told of this.#options.savers.follow(place, wanted, signal)) {
        if (told.event === 'line') onLine(told.text);
        else if (told.event === 'progress') {
          const { event: _, ...progress } = told;
          onProgress(progress);
        } else if (told.event === 'failed') {
          throw told.refused ? new SpawnRefused(told.message) : new SaveFailed(told.message);
        } else if (told.event === 'done') {
          const { digest, sizeBytes } = told;
          return { digest, sizeBytes };
        }
      }
    } catch (error) {
      if (signal.aborted || error instanceof SpawnRefused || error instanceof SaveFailed) throw error;
      throw cutOff(place.node, error);
    }
    throw cutOff(place.node);
  }

  async #running(ref: ServerRef, signal: AbortSignal) {
    const pod = await this.#options.cluster.pod(ref.serverId, signal);
    const id = pod?.metadata?.uid === ref.engineId ? containerOf(pod) : undefined;
    if (pod === undefined || id === undefined) throw new SpawnRefused(GONE);
    const place = await this.#options.savers.on(pod.spec?.nodeName ?? '', signal);
    return { place, container: { id, podUid: ref.engineId, serverId: ref.serverId }, image: imageOf(pod) };
  }

  async #request(container: SaveRequest['container'], image: string, target: SaveTarget): Promise<SaveRequest> {
    const { instanceId: instance, clock, settings } = this.#options;
    const { pullHost, pushUrl, token } = settings.registry;
    const [, path = '', digest = ''] = /^([^@]+)@(sha256:[0-9a-f]{64})$/.exec(image) ?? [];
    if (!path.startsWith(`${pullHost}/`)) {
      throw new SpawnRefused('The image of this server is in another registry than that of saved images.');
    }
    const base = { repository: path.slice(pullHost.length + 1), digest };
    const [, repository = '', tag = ''] = /^[^/]+\/(.+):([^:/]+)$/.exec(this.#refOf(target.ref)) ?? [];
    const access = [
      { type: 'repository' as const, name: repository, actions: ['pull', 'push', 'delete'] },
      { type: 'repository' as const, name: base.repository, actions: ['pull'] },
    ];
    const { job, labels, scrub } = target;
    return {
      action: 'save',
      instance,
      job,
      container,
      registry: { url: pushUrl.href, ...(token === undefined ? {} : { token: await token(access) }) },
      base,
      target: { repository, tag },
      labels,
      scrub: [...scrub],
      created: clock.now().toISOString(),
    };
  }

  #refOf(ref: string): string {
    if (!ref.startsWith(LOCAL)) throw new Error(`A saved image cannot be called ${ref}.`);
    return `${this.#options.settings.registry.pullHost}/${ref.slice(LOCAL.length)}`;
  }
}

/** The saver tried, and says why it did not work. */
class SaveFailed extends Error {}

/** The running container's own id, without the name of its runtime in front. */
function containerOf({ metadata, status }: Pod): string | undefined {
  const server = status?.containerStatuses?.find(({ name }) => name === CONTAINER);
  const isRunning = server?.state?.running !== undefined && metadata?.deletionTimestamp === undefined;
  return isRunning ? /^[^:]+:\/\/([0-9a-f]{64})$/.exec(server.containerID ?? '')?.[1] : undefined;
}

function imageOf({ spec }: Pod): string {
  return spec?.containers.find(({ name }) => name === CONTAINER)?.image ?? '';
}

function cutOff(node: string, cause?: unknown): Error {
  return new Error(`The image saver on the machine ${node} was stopped in the middle of the save.`, { cause });
}
