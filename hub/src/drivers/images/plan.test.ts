import { describe, expect, it } from '@jest/globals';
import type { Catalogue, CatalogueImage } from './catalogue.ts';
import type { ContextFile } from './contextFiles.ts';
import { buildPlan, filesHash, imageLabels, imageRefs, OS_IMAGE, type Added } from './plan.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const file = (path: string, text: string, executable = false): ContextFile => ({
  path,
  executable,
  content: bytes(text),
});
const added: Added = { agent: bytes('agent 1'), overlays: {} };

function image(
  name: string,
  parents: string[] = [],
  files: ContextFile[] = [],
  dockerfile = 'ARG BASE\nFROM $BASE',
): CatalogueImage {
  return {
    manifest: { name, version: '1.0', title: name, description: '', editors: [], parents, args: {} },
    dockerfile,
    files: [file('Dockerfile', dockerfile), ...files],
  };
}

const base = image('base', [], [], 'ARG OS_IMAGE=x\nFROM $OS_IMAGE');
const finish = [file('Dockerfile', 'ARG LAYERS\nFROM $LAYERS')];
function catalogue(...others: CatalogueImage[]): Catalogue {
  return { images: [base, ...others], finish };
}

describe('filesHash', () => {
  it('depends on paths, contents and execute bits, and on where one file ends', () => {
    const hashes = [
      [file('a', 'xy')],
      [file('b', 'xy')],
      [file('a', 'xz')],
      [file('a', 'xy', true)],
      [file('a', 'x'), file('y', '')],
      [],
    ].map(filesHash);
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(filesHash([file('a', 'xy')])).toBe(hashes[0]);
    expect(hashes[0]).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe('imageRefs', () => {
  const child = image('code-server', ['base'], [file('start', 'one')]);

  it('gives equal content equal references', () => {
    const again = image('code-server', ['base'], [file('start', 'one')]);
    expect(imageRefs(catalogue(again), added)).toEqual(imageRefs(catalogue(child), added));
    expect(imageRefs(catalogue(child), added).get('code-server')?.image).toMatch(
      /^localhost\/davit\/code-server:[0-9a-f]{12}$/,
    );
  });

  it('changes only the image, not its layers, with the agent, the last step or the description', () => {
    const before = imageRefs(catalogue(child), added).get('code-server')!;
    const described = { ...child, manifest: { ...child.manifest, description: 'better' } };
    for (const after of [
      imageRefs(catalogue(child), { ...added, agent: bytes('agent 2') }),
      imageRefs({ ...catalogue(child), finish: [file('Dockerfile', 'other')] }, added),
      imageRefs(catalogue(described), added),
    ]) {
      expect(after.get('code-server')!.layers).toBe(before.layers);
      expect(after.get('code-server')!.image).not.toBe(before.image);
    }
  });

  it('changes the images with an editor when its extension changes, not the others and no layers', () => {
    const withEditor = { ...child, manifest: { ...child.manifest, editors: ['code-server' as const] } };
    const refs = (text: string) =>
      imageRefs(catalogue(withEditor), { ...added, overlays: { 'code-server': [file('opt/x.js', text)] } });
    const [before, after] = [refs('one'), refs('two')];
    expect(after.get('code-server')!.layers).toBe(before.get('code-server')!.layers);
    expect(after.get('code-server')!.image).not.toBe(before.get('code-server')!.image);
    expect(after.get('base')).toEqual(before.get('base'));
  });

  it('changes the layers with a file, a build argument or a parent', () => {
    const before = imageRefs(catalogue(child), added).get('code-server')!.layers;
    const edited = image('code-server', ['base'], [file('start', 'two')]);
    const argued = { ...child, manifest: { ...child.manifest, args: { BROWSER: 'chromium' } } };
    const otherBase = { ...base, files: [file('Dockerfile', 'FROM y')] };
    for (const after of [catalogue(edited), catalogue(argued), { images: [otherBase, child], finish }]) {
      expect(imageRefs(after, added).get('code-server')!.layers).not.toBe(before);
    }
  });
});

describe('buildPlan', () => {
  const code = image('code-server', ['base']);
  const lab = image('jupyterlab', ['base']);
  const both = image('both', ['code-server', 'jupyterlab'], [], 'ARG CODE_SERVER\nARG JUPYTERLAB\nFROM $CODE_SERVER');
  const all = catalogue(code, lab, both);
  const refs = imageRefs(all, added);
  const plan = (name: string, present: string[] = []): string[] =>
    buildPlan(all, refs, added, name, new Set(present)).map((step) => `${step.image} ${step.part}`);

  it('builds the layers of parents first, each once, and finishes only what was asked for', () => {
    expect(plan('both')).toEqual([
      'base layers',
      'code-server layers',
      'jupyterlab layers',
      'both layers',
      'both finish',
    ]);
    expect(plan('base')).toEqual(['base layers', 'base finish']);
  });

  it('leaves out what is present, and does not ask for parents of present layers', () => {
    expect(plan('jupyterlab', [refs.get('jupyterlab')!.layers])).toEqual(['jupyterlab finish']);
    expect(plan('both', [refs.get('base')!.layers, refs.get('jupyterlab')!.layers])).toEqual([
      'code-server layers',
      'both layers',
      'both finish',
    ]);
    expect(plan('both', [refs.get('both')!.image])).toEqual([]);
  });

  it('passes references as build arguments and the agent as a file of the last step', () => {
    const steps = buildPlan(all, refs, added, 'both', new Set());
    expect(steps[0]?.args).toEqual({ OS_IMAGE });
    expect(steps[3]?.args).toEqual({
      CODE_SERVER: refs.get('code-server')!.layers,
      JUPYTERLAB: refs.get('jupyterlab')!.layers,
    });
    expect(steps[4]?.args).toEqual({ LAYERS: refs.get('both')!.layers });
    expect(steps[4]?.files.map(({ path }) => path)).toEqual(['Dockerfile', 'root/opt/davit/agent.cjs']);
  });

  it('adds the extensions of its editors to the last step, by their place in the image', () => {
    const withEditor = { ...code, manifest: { ...code.manifest, editors: ['code-server' as const] } };
    const overlays = { 'code-server': [file('opt/x.js', 'x')], jupyterlab: [file('usr/y.js', 'y')] };
    const steps = buildPlan(catalogue(withEditor), refs, { ...added, overlays }, 'code-server', new Set());
    expect(steps.at(-1)?.files.map(({ path }) => path)).toEqual([
      'Dockerfile',
      'root/opt/davit/agent.cjs',
      'root/opt/x.js',
    ]);
  });

  it('builds a service on its parents, without the last step, under one reference, and as no server', () => {
    const plain = image('saver', ['base'], [], 'ARG BASE\nFROM $BASE');
    const saver: CatalogueImage = { ...plain, manifest: { ...plain.manifest, kind: 'service' } };
    const withSaver = catalogue(saver);
    const known = imageRefs(withSaver, added);
    const steps = buildPlan(withSaver, known, added, 'saver', new Set());
    expect(steps.map((step) => `${step.image} ${step.part}`)).toEqual(['base layers', 'saver layers']);
    expect(steps[1]).toMatchObject({ ref: known.get('saver')!.image, labels: { 'davit.kind': 'service' } });
    expect(steps[1]?.labels).not.toHaveProperty('davit.contract');
    expect(known.get('saver')!.image).toMatch(/^localhost\/davit\/saver:[0-9a-f]{12}$/);
    expect(imageRefs(withSaver, { ...added, agent: bytes('agent 2') }).get('saver')).toEqual(known.get('saver'));
    expect(buildPlan(withSaver, known, added, 'saver', new Set([known.get('saver')!.image]))).toEqual([]);
  });

  it('names the known images for an unknown one', () => {
    expect(() => plan('vim')).toThrow('There is no image vim. Known images: base, code-server, jupyterlab, both.');
  });
});

it('labels an image with its contract, editors, port and version', () => {
  const { manifest, ...rest } = base;
  const labels = imageLabels({
    ...rest,
    manifest: { ...manifest, editors: ['jupyterlab', 'code-server'], version: '4.6' },
  });
  expect(labels).toMatchObject({
    'davit.contract': '1',
    'davit.editors': 'jupyterlab,code-server',
    'davit.port': '7070',
    'org.opencontainers.image.version': '4.6',
  });
});
