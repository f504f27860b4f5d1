import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const COLLECT_EVERY_BYTES = 6 * 1024 * 1024;

let uncollected = 0;
let collect: (() => void) | undefined;

/**
 * Counts data that Node read into memory of its own and that has been passed on. Such memory lies outside of V8's heap, so
 * V8 sees no reason for the quick collection that would free it; after about 16 MB it collects everything instead, which
 * is half of the CPU time of a long upload and makes memory grow. Quick ones in time prevent that.
 */
export function passedOn(bytes: number): void {
  uncollected += bytes;
  if (uncollected < COLLECT_EVERY_BYTES) return;
  uncollected = 0;
  collect ??= quickCollection();
  collect();
}

/** V8 hands its collector out only to contexts that are made while the flag is set. */
function quickCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('globalThis.gc') as NodeJS.GCFunction;
  setFlagsFromString('--no-expose-gc');
  return () => {
    gc({ type: 'minor' });
  };
}
