import type { ImageLocation, SaveMeasure, SaveOptions, SaveTarget } from '../../../domains/images/index.ts';
import { SpawnRefused, type ServerRef } from '../../../domains/servers/spawner.ts';
import type { FakeContainer, FakeEngine } from './fakeEngine.ts';

const MIB = 1024 * 1024;

/** Saves containers of the fake engine: an image is what was asked for, and where it came from. */
export class FakeSaves {
  readonly #fake: FakeEngine;
  readonly #own: (ref: ServerRef) => FakeContainer | undefined;

  constructor(fake: FakeEngine, own: (ref: ServerRef) => FakeContainer | undefined) {
    this.#fake = fake;
    this.#own = own;
  }

  async save(ref: ServerRef, target: SaveTarget, { signal, onProgress, onLine }: SaveOptions): Promise<ImageLocation> {
    this.#fake.saves.set(target.job, target.ref);
    onProgress({ step: 'checking' });
    const container = this.#own(ref);
    if (container?.state !== 'running') throw new SpawnRefused('The server does not run any more.');
    const bytesTotal = container.written;
    onProgress({ step: 'saving', bytesDone: bytesTotal / 2, bytesTotal });
    await this.#fake.enter('saveImage', signal);
    onLine('saved');
    onProgress({ step: 'storing' });
    const location = { ref: target.ref, digest: `sha256:${target.job}`, sizeBytes: bytesTotal };
    this.#fake.images.set(target.ref, location);
    this.#fake.saves.delete(target.job);
    return location;
  }

  discard({ job, ref }: Pick<SaveTarget, 'job' | 'ref'>): Promise<void> {
    this.#fake.saves.delete(job);
    this.#fake.images.delete(ref);
    return Promise.resolve();
  }

  sweep(active: ReadonlySet<string>): Promise<void> {
    for (const job of this.#fake.saves.keys()) if (!active.has(job)) this.#fake.saves.delete(job);
    return Promise.resolve();
  }

  measure(ref: ServerRef): Promise<SaveMeasure> {
    const notSaved = [{ path: '/data/private/default', why: 'data' as const, bytes: 5 }];
    const freeBytes = (this.#fake.inventory.disk?.freeMb ?? 0) * MIB;
    return Promise.resolve({ notSaved, changedBytes: this.#own(ref)?.written ?? null, freeBytes });
  }
}
