import { join } from 'node:path';
import { HUB_BUNDLE, bundleHub } from './setup/hub.mjs';
import { ROOT } from './setup/run.mjs';

/** Becomes the hub, in the same process, so that signals need no one to pass them on. Runs on the project's own Node. */
await bundleHub();
process.chdir(ROOT);
process.execve?.(
  process.execPath,
  // A small young generation costs the hub no time and saves 25 MB.
  [process.execPath, '--enable-source-maps', '--max-semi-space-size=2', join(ROOT, HUB_BUNDLE)],
  // Without these glibc keeps the 19 MB that each password hash takes for a moment.
  { ...process.env, MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '1048576' },
);
