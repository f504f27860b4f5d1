import { dirname } from 'node:path';
import type { AgentBundle } from './plan.ts';

/**
 * Makes one file of JavaScript out of the agent and everything it imports, for the Node of the images. Equal sources
 * give equal bytes. `entry` is the agent's main file; rejects with the faults of the source.
 */
export async function bundleAgent(entry: string): Promise<AgentBundle> {
  // On demand: a hub that builds no images has no esbuild.
  const { build, stop } = await import('esbuild');
  try {
    const result = await build({
      entryPoints: [entry],
      // Comments name files relative to this, so that the bytes do not depend on where the hub was started.
      absWorkingDir: dirname(entry),
      bundle: true,
      write: false,
      platform: 'node',
      target: 'node24',
      // An ES module brings Node's module loader into the memory of each server.
      format: 'cjs',
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
