import type { Image, Sizes } from '@davit/contract';
import { describe, expect, it } from '@jest/globals';
import { byOrigin, chosenImage, chosenSize, CUSTOM, lastChoice, matchingImages } from './startChoice.ts';

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

describe('the order of images', () => {
  it('is own, shared, public, built-in, and one may search for what is shown', () => {
    const images = [
      image('jupyterlab'),
      image('lab', { origin: 'public', ownerName: 'bob' }),
      image('env', { origin: 'shared', ownerName: 'bob', version: '2' }),
      image('mine', { origin: 'own', ownerName: 'ada' }),
    ];
    expect(byOrigin(images).map(({ name }) => name)).toEqual(['mine', 'env', 'lab', 'jupyterlab']);
    expect(matchingImages(images, 'bob/env:2').map(({ name }) => name)).toEqual(['env']);
    expect(chosenImage(byOrigin(images), { image: undefined, size: undefined, own: OWN })?.name).toBe('jupyterlab');
  });
});

describe('what is chosen at first', () => {
  const choice = { image: 'gone', size: 'gone', own: OWN };

  it('is the last image, or the first where that one is gone', () => {
    const images = [image('a'), image('b')];
    expect(chosenImage(images, { ...choice, image: 'b00000000000' })?.name).toBe('b');
    expect(chosenImage(images, choice)?.name).toBe('a');
    expect(chosenImage([], choice)).toBeUndefined();
  });

  it('is the last size, or the first that fits now', () => {
    expect(chosenSize(sizes('waits', 'now', 'now'), { ...choice, size: 'p2' })).toBe('p2');
    expect(chosenSize(sizes('waits', 'now', 'now'), choice)).toBe('p1');
    expect(chosenSize(sizes('waits', 'above-quota'), choice)).toBe('p0');
    expect(chosenSize(sizes('now'), { ...choice, size: CUSTOM })).toBe(CUSTOM);
    expect(chosenSize(sizes(), choice)).toBe(CUSTOM);
  });
});

describe('matchingImages', () => {
  const images = [
    image('pytorch', { title: 'PyTorch lab', editors: ['jupyterlab', 'code-server'] }),
    image('desktop', { description: 'XFCE with a browser', editors: ['desktop'] }),
  ];
  const names = (search: string): string[] => matchingImages(images, search).map(({ name }) => name);

  it('finds by title, description and editor, each word anywhere', () => {
    expect(names('TORCH')).toEqual(['pytorch']);
    expect(names('browser xfce')).toEqual(['desktop']);
    expect(names('code-server')).toEqual(['pytorch']);
    expect(names('torch xfce')).toEqual([]);
  });

  it('shows all without a search', () => {
    expect(names('  ')).toEqual(['pytorch', 'desktop']);
  });
});
