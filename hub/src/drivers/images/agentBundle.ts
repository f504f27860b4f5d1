import { dirname } from 'node:path';
import { build, stop } from 'esbuild';
import type { AgentBundle } from './plan.ts';

/** Dependencies in CommonJS call `require` for Node's own modules, which an ES module does not have by itself. */
const REQUIRE =
  "import { createRequire as davitRequire } from 'node:module'; const require = davitRequire(import.meta.url);";

/**
 * Makes one file of JavaScript out of the agent and everything it imports, for the Node of the images. Equal sources
 * give equal bytes. `entry` is the agent's main file; rejects with the faults of the source.
 */
export async function bundleAgent(entry: string): Promise<AgentBundle> {
  try {
    const result = await build({
      entryPoints: [entry],
      // Comments name files relative to this, so that the bytes do not depend on where the hub was started.
      absWorkingDir: dirname(entry),
      bundle: true,
      write: false,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      banner: { js: REQUIRE },
      legalComments: 'none',
      logLevel: 'silent',
    });
    const [file] = result.outputFiles;
    if (file === undefined) throw new Error(`Nothing came out of ${entry}.`);
    return file.contents;
  } finally {
    // esbuild's helper process would otherwise stay with the hub for ever.
    await stop();
  }
}
