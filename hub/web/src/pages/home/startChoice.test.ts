import type { Image, Sizes } from '@davit/contract';
import { describe, expect, it } from '@jest/globals';
import { chosenSize, CUSTOM, firstImage, lastChoice, withFirst } from './startChoice.ts';

const OWN = { cpu: 1, memoryMb: 2048, gpu: 0 };

function image(name: string, part: Partial<Image> = {}): Image {
  const plain = { description: '', ownerId: null, reason: null, sizeBytes: null, createdAt: '2026-01-01T00:00:00Z' };
  const launch = { needsGpu: false, sudo: false, environment: {}, command: null, editors: null };
  return {
    ...plain,
    ownerName: null,
    origin: 'built-in',
    shares: [],
    createdFrom: null,
    launch,
    id: name.padEnd(12, '0'),
    name,
    version: '1',
    title: name,
    visibility: 'public',
    editors: [],
    phase: 'ready',
    ...part,
  };
}

function sizes(...fits: Sizes['presets'][number]['fit'][]): Sizes {
  const none = { servers: 0, cpu: 0, memoryMb: 0, gpu: 0 };
  const presets = fits.map((fit, index) => ({ id: `p${index}`, resources: OWN, fit }));
  const releasePolicies = { allowed: ['2h' as const], default: '2h' as const };
  return { presets, quota: { limit: none, used: none }, capacity: null, gpus: [], releasePolicies };
}

describe('lastChoice', () => {
  it('reads back what was kept', () => {
    const choice = { image: 'desktop', size: CUSTOM, own: { cpu: 2.5, memoryMb: 4096, gpu: 1 } };
    expect(lastChoice(JSON.stringify(choice))).toEqual(choice);
  });

  it.each(['', 'no JSON', '[]', 'null', '7', '{"image":7,"own":{"cpu":"many"}}'])('survives %j', (stored) => {
    expect(lastChoice(stored)).toEqual({ image: undefined, size: undefined, own: OWN });
  });
});

describe('the image that was asked for', () => {
  const images = [image('mine', { origin: 'own' }), image('env', { origin: 'public' }), image('jupyterlab')];
  const names = (first: Image | undefined): string[] => withFirst(images, first).map(({ name }) => name);

  it('stands before the others of its kind, where it is not among them', () => {
    expect(names(image('old', { origin: 'own' }))).toEqual(['old', 'mine', 'env', 'jupyterlab']);
    expect(names(image('lab', { origin: 'shared' }))).toEqual(['mine', 'lab', 'env', 'jupyterlab']);
    expect(names(image('zsh'))).toEqual(['mine', 'env', 'zsh', 'jupyterlab']);
    expect(withFirst([image('mine', { origin: 'own' })], image('zsh')).map(({ name }) => name)).toEqual([
      'mine',
      'zsh',
    ]);
  });

  it('changes nothing where it is, or is not known', () => {
    expect(names(images[1])).toEqual(['mine', 'env', 'jupyterlab']);
    expect(names(undefined)).toEqual(['mine', 'env', 'jupyterlab']);
  });

  it('is chosen at first; without it the first that comes with the hub', () => {
    expect(firstImage(images, images[0])?.name).toBe('mine');
    expect(firstImage(images, undefined)?.name).toBe('jupyterlab');
    expect(firstImage(images.slice(0, 2), undefined)?.name).toBe('mine');
    expect(firstImage([], undefined)).toBeUndefined();
  });
});

describe('the size that is chosen at first', () => {
  const choice = { image: 'gone', size: 'gone', own: OWN };

  it('is the last one, or the first that fits now', () => {
    expect(chosenSize(sizes('waits', 'now', 'now'), { ...choice, size: 'p2' })).toBe('p2');
    expect(chosenSize(sizes('waits', 'now', 'now'), choice)).toBe('p1');
    expect(chosenSize(sizes('waits', 'above-quota'), choice)).toBe('p0');
    expect(chosenSize(sizes('now'), { ...choice, size: CUSTOM })).toBe(CUSTOM);
    expect(chosenSize(sizes(), choice)).toBe(CUSTOM);
  });
});
