import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { builtInImage, loadCatalogue } from './catalogue.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'davit-catalogue-'));
  await put('finish/Dockerfile', 'FROM x');
});
afterEach(() => rm(directory, { recursive: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeFile(join(directory, path), text);
}

async function putImage(name: string, parents: string[] = [], more: object = {}): Promise<void> {
  const manifest = { name, version: '1', title: name, description: '', editors: [], parents, ...more };
  await put(`${name}/image.json`, JSON.stringify(manifest));
  await put(`${name}/Dockerfile`, `FROM ${name}`);
}

describe('loadCatalogue', () => {
  it('reads folders with a manifest, parents first, files sorted, without the manifest itself', async () => {
    await putImage('a', ['z']);
    await putImage('z');
    await put('z/files/run', '#!/bin/sh');
    await chmod(join(directory, 'z/files/run'), 0o700);
    await put('z/files/run.test.ts', '');
    await put('agent/src/main.ts', '');
    const { images, finish } = await loadCatalogue(directory);
    expect(images.map((image) => image.manifest.name)).toEqual(['z', 'a']);
    expect(images[0]?.files.map(({ path, executable }) => [path, executable])).toEqual([
      ['Dockerfile', false],
      ['files/run', true],
    ]);
    expect(finish.map(({ path }) => path)).toEqual(['Dockerfile']);
  });

  it('reads services only when asked, with their sources from beside the folder of images', async () => {
    const root = join(directory, 'repository');
    const images = join(root, 'images');
    const service = { kind: 'service', bundle: { 'main.cjs': 'saver/main.ts' }, include: ['lib', 'package.json'] };
    await put('repository/images/finish/Dockerfile', 'FROM x');
    for (const [name, more] of [
      ['saver', service],
      ['base', {}],
    ] as const) {
      const manifest = { name, version: '1', title: name, description: '', editors: [], parents: [], ...more };
      await put(`repository/images/${name}/image.json`, JSON.stringify(manifest));
      await put(`repository/images/${name}/Dockerfile`, 'FROM x');
    }
    await put('repository/saver/main.ts', `import { word } from './word.ts'; console.log(word satisfies string);`);
    await put('repository/saver/word.ts', `export const word = 'saved';`);
    await put('repository/lib/a/b.ts', 'b');
    await put('repository/lib/a/b.test.ts', 'test');
    await put('repository/lib/node_modules/c.js', 'c');
    await put('repository/package.json', '{}');

    expect((await loadCatalogue(images)).images.map(({ manifest }) => manifest.name)).toEqual(['base']);
    const [, saver] = (await loadCatalogue(images, ['saver'])).images;
    expect((await loadCatalogue(images, 'all')).images).toHaveLength(2);
    expect((await loadCatalogue(images, ['hub'])).images).toHaveLength(1);
    expect(saver?.files.map(({ path }) => path)).toEqual(['Dockerfile', 'main.cjs', 'lib/a/b.ts', 'package.json']);
    const bundled = Buffer.from(saver!.files[1]!.content).toString();
    expect(bundled).toContain('"saved"');
    expect(bundled).not.toContain('satisfies');
  });

  it('names every faulty manifest at once', async () => {
    await putImage('a', [], { editors: ['emacs'] });
    await putImage('b', [], { colour: 'red' });
    await put('c/image.json', '{');
    await put(
      'd/image.json',
      JSON.stringify({ name: 'e', version: '1', title: 'E', description: '', editors: [], parents: [] }),
    );
    const error = await loadCatalogue(directory).catch(String);
    for (const part of [
      'a/image.json: editors.0',
      'b/image.json',
      'c/image.json',
      'name must be d',
      'd: there is no Dockerfile',
    ]) {
      expect(error).toContain(part);
    }
  });

  it('refuses unknown parents and circles', async () => {
    await putImage('a', ['b']);
    await expect(loadCatalogue(directory)).rejects.toThrow('The image a names the parent b, which does not exist.');
    await putImage('b', ['a']);
    await expect(loadCatalogue(directory)).rejects.toThrow('a -> b -> a');
  });
});

it('finds the images of this repository', async () => {
  const { images } = await loadCatalogue(join(import.meta.dirname, '../../../../images'));
  const editors = Object.fromEntries(images.map(builtInImage).map((image) => [image.name, image.editors]));
  expect(editors).toEqual({
    base: [],
    jupyterlab: ['jupyterlab'],
    'code-server': ['code-server'],
    desktop: ['desktop'],
    'jupyterlab-vscode': ['jupyterlab', 'code-server'],
  });
  for (const { manifest, files } of images.filter((image) => image.manifest.name !== 'jupyterlab-vscode')) {
    for (const editor of manifest.editors) {
      const described = files.find(({ path }) => path === `editors/${editor}.json`)!;
      expect(JSON.parse(Buffer.from(described.content).toString())).toMatchObject({ name: editor });
    }
  }
});
