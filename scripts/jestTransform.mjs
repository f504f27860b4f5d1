import { createHash } from 'node:crypto';
import { transformSync } from 'esbuild';
/** @type {import('esbuild').TransformOptions} */
const options = { format: 'esm', target: 'node24', sourcemap: 'inline', jsx: 'automatic' };

/** @param {string} source @param {string} path */
function transform(source, path) {
  const loader = path.endsWith('x') ? 'tsx' : 'ts';
  return transformSync(source, { ...options, loader, sourcefile: path });
}

/** A Jest transformer; the cache key carries the options, otherwise a changed option would meet old output. */
export default {
  process: transform,
  processAsync: async (/** @type {string} */ source, /** @type {string} */ path) => transform(source, path),
  getCacheKey: (/** @type {string} */ source, /** @type {string} */ path) =>
    createHash('sha256').update(source).update(path).update(JSON.stringify(options)).digest('hex'),
};
