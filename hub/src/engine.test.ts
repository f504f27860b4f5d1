import { join } from 'node:path';
import { RegistryClient } from '@davit/oci';
import { expect, it } from '@jest/globals';
import { build, type Metafile } from 'esbuild';
import { decodeJwt } from 'jose';
import { RegistryMaker } from './drivers/images/index.ts';
import { loadSigner } from './drivers/signing/index.ts';
import { testKeys } from './drivers/signing/testKeys.ts';
import { savingInto } from './engine.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** All that a file loads before its first line runs. */
function loadedAtOnce(outputs: Metafile['outputs'], path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const { path: next, kind } of outputs[path]?.imports ?? []) {
    if (kind !== 'dynamic-import') loadedAtOnce(outputs, next, seen);
  }
  return seen;
}

it('loads the client of Kubernetes only where it is used: it takes 45 MB', async () => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['hub/src/main.ts'],
    outdir: 'hub/dist',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    metafile: true,
    write: false,
  });
  const names = [...loadedAtOnce(metafile.outputs, 'hub/dist/main.js')];
  expect(names).toContain('express');
  expect(names).not.toContain('@kubernetes/client-node');
});

it('lets an image saver into the registry for as long as a save may take', async () => {
  const { key, certificate } = testKeys();
  const signIn = { kind: 'token' as const, service: 'davit-registry', signer: await loadSigner(key, certificate) };
  const auth = { kind: 'token' as const, service: 'davit-registry' };
  const [pullHost, pushUrl] = ['registry:5000', new URL('http://registry:5000')];
  const maker = new RegistryMaker(new RegistryClient(pushUrl), pullHost);
  const { token } = savingInto({ pullHost, pushUrl, auth }, signIn, maker);
  const access = [{ type: 'repository' as const, name: 'saved/ada/image', actions: ['pull', 'push', 'delete'] }];
  const { iat = 0, exp = 0, sub, access: opened } = decodeJwt((await token?.(access)) ?? '');
  expect([exp - iat, sub, opened]).toEqual([6 * 3600, 'image-saver', access]);
});
