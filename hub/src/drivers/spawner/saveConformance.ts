import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SaveOptions, SaveTarget } from '../../domains/images/index.ts';
import { SpawnRefused, type ServerRef, type Spawner } from '../../domains/servers/spawner.ts';
import { randomId } from '../../platform/random.ts';
import { testSpec, type SpawnerHarness } from './conformance.ts';

/** What a driver that saves servers gives besides. */
export interface SaveHarness extends Pick<
  SpawnerHarness,
  'spawner' | 'image' | 'exit' | 'ready' | 'clear' | 'dispose'
> {
  /** Whether the engine has an image under this reference. */
  hasImage(ref: string): Promise<boolean>;
  /** What a complete image is called by the engine; as it was asked for, where that is left out. */
  refOf?(ref: string): string;
  /** Leaves behind what a hub that died in the middle of a save would; says whether it is still there. */
  leaveHalf(target: SaveTarget): Promise<() => Promise<boolean>>;
}

const CALL_MS = 120_000;
const signal = () => AbortSignal.timeout(CALL_MS);

/** A save by a job of its own. */
export function testTarget(changes: Partial<SaveTarget> = {}): SaveTarget {
  const job = randomId();
  return { job, ref: `localhost/davit/saved/${randomId()}:1`, labels: {}, scrub: ['/tmp/**'], ...changes };
}

export const quietly = (changes: Partial<SaveOptions> = {}): SaveOptions => ({
  signal: signal(),
  onProgress: () => undefined,
  onLine: () => undefined,
  confirm: () => Promise.resolve(),
  ...changes,
});

/** What every driver does when a server is saved. */
export function describeSaveConformance(name: string, factory: () => Promise<SaveHarness>): void {
  describe(`${name} as one that saves servers`, () => {
    let harness: SaveHarness;
    let spawner: Spawner;
    const targets: SaveTarget[] = [];
    beforeAll(async () => {
      harness = await factory();
      spawner = harness.spawner;
    }, CALL_MS);
    afterEach(async () => {
      await harness.clear();
      for (const target of targets.splice(0)) await spawner.discardSave(target, signal());
    }, CALL_MS);
    afterAll(() => harness.dispose(), CALL_MS);

    const target = (): SaveTarget => {
      const made = testTarget();
      targets.push(made);
      return made;
    };
    const start = (image = harness.image): Promise<ServerRef> => spawner.ensure(testSpec(image), signal());

    it('makes an image from which a server starts, also when the first one is gone', async () => {
      const ref = await start();
      const wanted = target();
      const steps: string[] = [];
      const options = quietly({ onProgress: ({ step }) => steps.at(-1) === step || steps.push(step) });
      const saved = await spawner.saveImage(ref, wanted, options);
      expect(saved).toEqual({
        ref: harness.refOf?.(wanted.ref) ?? wanted.ref,
        digest: expect.stringMatching(/^sha256:/),
        sizeBytes: expect.any(Number),
      });
      expect(steps).toEqual(['checking', 'saving', 'storing']);
      expect((await spawner.list(signal()))[0]).toMatchObject({ ref, state: 'running' });
      await harness.ready(ref);
      await spawner.remove(ref, signal());
      const next = await start(saved);
      expect((await spawner.list(signal()))[0]).toMatchObject({ ref: next, state: 'running' });
    });

    it('makes the same image when the same job is done again', async () => {
      const ref = await start();
      const wanted = target();
      const first = await spawner.saveImage(ref, wanted, quietly());
      const second = await spawner.saveImage(ref, wanted, quietly());
      expect(second.ref).toBe(first.ref);
      expect(await harness.hasImage(wanted.ref)).toBe(true);
    });

    it('refuses a container that has ended or gone', async () => {
      const ref = await start();
      await harness.exit(ref, 0);
      await expect(spawner.saveImage(ref, target(), quietly())).rejects.toThrow(SpawnRefused);
      await spawner.remove(ref, signal());
      await expect(spawner.saveImage(ref, target(), quietly())).rejects.toThrow(SpawnRefused);
    });

    it('removes a complete image on request, also twice', async () => {
      const wanted = target();
      await spawner.saveImage(await start(), wanted, quietly());
      expect(await harness.hasImage(wanted.ref)).toBe(true);
      await spawner.discardSave(wanted, signal());
      await spawner.discardSave(wanted, signal());
      expect(await harness.hasImage(wanted.ref)).toBe(false);
    });

    it('sweeps what jobs that ended have left, never complete images nor what goes on', async () => {
      const [complete, ended, active] = [target(), target(), target()];
      await spawner.saveImage(await start(), complete, quietly());
      const [isEndedLeft, isActiveLeft] = [await harness.leaveHalf(ended), await harness.leaveHalf(active)];
      await spawner.sweepSaves(new Set([active.job]), signal());
      expect([await isEndedLeft(), await isActiveLeft()]).toEqual([false, true]);
      expect(await harness.hasImage(complete.ref)).toBe(true);
    });

    it('tells what would be kept and left out', async () => {
      const measured = await spawner.measureChanges(await start(), [], signal());
      expect(measured.changedBytes).toBeGreaterThanOrEqual(0);
      expect(measured.freeBytes).toBeGreaterThan(0);
      expect(measured.notSaved).toContainEqual({
        path: '/data/private/default',
        why: 'data',
        bytes: expect.any(Number),
      });
    });
  });
}
