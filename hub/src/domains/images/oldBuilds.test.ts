import { describe, expect, it } from '@jest/globals';
import { oldBuilds, type BuildsInUse, type EngineImage } from './oldBuilds.ts';

const day = (of: number): Date => new Date(Date.UTC(2030, 0, of));
const LAB = 'localhost/davit/jupyterlab';
const hash = (digit: string): string => digit.repeat(12);

const image = (digest: string, created: number): EngineImage => ({
  digest,
  refs: [`${LAB}:${hash(digest)}`],
  createdAt: day(created),
  inUse: false,
});
const use: BuildsInUse = { wanted: new Set([`${LAB}:${hash('c')}`]), kept: new Set(), before: day(20) };
const old = (images: readonly EngineImage[], changes: Partial<BuildsInUse> = {}): string =>
  oldBuilds(images, { ...use, ...changes })
    .map(({ digest }) => digest)
    .join(' ');

describe('an old build', () => {
  const [a, b, c] = [image('a', 1), image('b', 10), image('c', 15)];

  it('is each but the newest and the wanted, once a newer one was there for long; the newest come first', () => {
    expect(old([a, b, c])).toBe('b a');
    expect(old([a, b, c], { before: day(11) })).toBe('a');
    expect(old([a, b, c], { before: day(10) })).toBe('');
  });

  it('is told by when the next newer one came, however often updates follow', () => {
    expect(old([a, b, image('c', 19)], { before: day(12) })).toBe('a');
  });

  it('is never the newest: another hub of a newer version may want it', () => {
    expect(old([a, image('c', 2), image('d', 3)])).toBe('a');
  });

  it('is none as long as the wanted one is not there', () => {
    expect(old([a, b, image('d', 15)])).toBe('');
  });

  it('is none that a container was made from or that a row names', () => {
    expect(old([{ ...a, inUse: true }, b, c])).toBe('b');
    expect(old([a, b, c], { kept: new Set(['b']) })).toBe('a');
  });

  it('is none with another reference, of another repository or tagged by hand', () => {
    const refs = (...given: string[]): EngineImage => ({ ...a, refs: given });
    const [ours = ''] = a.refs;
    expect(old([refs(ours, 'registry.example:5000/davit/jupyterlab:1'), c])).toBe('');
    expect(old([refs(`${LAB}:mine`), c])).toBe('');
    expect(old([refs(`localhost/davit/saved/abc/def:${hash('a')}`), c])).toBe('');
    expect(old([refs(`other.example:5000/davit/jupyterlab:${hash('a')}`), c])).toBe('');
    expect(old([refs(), c])).toBe('');
    expect(old([refs(LAB), c])).toBe('');
  });
});
