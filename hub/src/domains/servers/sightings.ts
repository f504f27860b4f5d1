import type { RunStore } from './runStore.ts';
import type { ObservedServer } from './spawner.ts';

/** How often it is written down what was seen; a hub that is killed forgets at most so much of it. */
const WRITE_EVERY_MS = 60_000;

/**
 * When each container was last seen running. One that is gone without a trace ended then: not when somebody noticed,
 * which may be a day later when the hub or the engine was down.
 */
export class Sightings {
  readonly #runs: Pick<RunStore, 'saveSeen'>;
  readonly #seen = new Map<string, Date>();
  #written = 0;

  constructor(runs: Pick<RunStore, 'saveSeen'>) {
    this.#runs = runs;
  }

  /** Takes in what the engine lists at `now`. */
  note(containers: readonly ObservedServer[], now: Date): void {
    for (const { ref, state } of containers) if (state === 'running') this.#seen.set(ref.engineId, now);
  }

  /** Takes in what the engine lists at `now`; each minute it is written down. */
  async take(containers: readonly ObservedServer[], now: Date): Promise<void> {
    this.note(containers, now);
    if (Math.abs(now.getTime() - this.#written) < WRITE_EVERY_MS) return;
    await this.write();
    this.#written = now.getTime();
  }

  /** Undefined when this hub never saw it. */
  of(engineId: string): Date | undefined {
    return this.#seen.get(engineId);
  }

  /** Forgets all containers but these. */
  retain(engineIds: ReadonlySet<string>): void {
    for (const engineId of this.#seen.keys()) if (!engineIds.has(engineId)) this.#seen.delete(engineId);
  }

  /** Writes down all sightings of containers whose end is not known. */
  async write(): Promise<void> {
    if (this.#seen.size > 0) await this.#runs.saveSeen(this.#seen);
  }
}
