import type { ImageLocation, SaveMeasure, SaveOptions, SaveTarget } from '../../../../domains/images/index.ts';
import { SpawnRefused, type ServerRef } from '../../../../domains/servers/spawner.ts';

/** Saves containers as images. */
export class ImageSaver {
  save(_ref: ServerRef, _target: SaveTarget, _options: SaveOptions): Promise<ImageLocation> {
    return Promise.reject(new SpawnRefused('This engine cannot save servers as images.'));
  }
  discard(_target: Pick<SaveTarget, 'job' | 'ref'>, _signal: AbortSignal): Promise<void> {
    return Promise.resolve();
  }
  sweep(_active: ReadonlySet<string>, _signal: AbortSignal): Promise<void> {
    return Promise.resolve();
  }
  measure(_ref: ServerRef, _scrub: readonly string[], _signal: AbortSignal): Promise<SaveMeasure> {
    return Promise.resolve({ notSaved: [], changedBytes: null, freeBytes: null });
  }
}
