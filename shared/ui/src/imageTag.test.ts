import { describe, expect, it } from '@jest/globals';
import { checkSave, imageTag, scrubPaths, type SaveDraft } from './imageTag.ts';
import { IMAGE_TEXTS } from './imageTexts.ts';

const texts = IMAGE_TEXTS.en.save;

function check(draft: Partial<SaveDraft>, taken: string[] = []) {
  return checkSave({ name: 'env', version: '1', description: '', scrub: '', ...draft }, new Set(taken), texts);
}

describe('what is wrong with a save before it is sent', () => {
  it('is nothing for a good name and version', () => {
    expect(check({ name: 'py-torch_2.1', version: '1.13_11.6' })).toEqual({});
  });

  it('is nothing yet for fields that are still empty', () => {
    expect(check({ name: '', version: '' })).toEqual({});
  });

  it.each(['Env', 'env!', '-env', 'a--b', 'é'])('is the name %s', (name) => {
    expect(check({ name })).toEqual({ name: texts.badName });
  });

  it.each(['.1', 'V1', 'a b'])('is the version %s', (version) => {
    expect(check({ version })).toEqual({ version: texts.badVersion });
  });

  it('is latest, with the reason', () => {
    expect(check({ version: 'latest' })).toEqual({ version: texts.latest });
  });

  it('is more than sixty characters in all, colon included', () => {
    expect(check({ name: 'a'.repeat(40), version: '1'.repeat(19) })).toEqual({});
    expect(check({ name: 'a'.repeat(40), version: '1'.repeat(20) })).toEqual({ version: texts.tooLong(60) });
  });

  it('is a version that one has already', () => {
    expect(check({}, ['env:1', 'env:2'])).toEqual({ version: texts.taken('env:1') });
    expect(check({ version: '3' }, ['env:1', 'env:2'])).toEqual({});
  });

  it('is a path that is none, by name', () => {
    expect(check({ scrub: '/home/davit/secret\n\n  /opt/**/*.key ' })).toEqual({});
    expect(check({ scrub: '/ok\nhome/davit' })).toEqual({ scrub: texts.badPath('home/davit') });
    expect(check({ scrub: '/data/../etc' })).toEqual({ scrub: texts.badPath('/data/../etc') });
  });
});

describe('lines of paths', () => {
  it('are taken without blanks around and without empty lines', () => {
    expect(scrubPaths(' /a \n\n/b\n')).toEqual(['/a', '/b']);
  });
});

describe('what an image is called', () => {
  it('carries its owner unless that is the reader', () => {
    const image = { name: 'env', version: '3', ownerName: 'ada' };
    expect(imageTag({ ...image, origin: 'own' })).toBe('env:3');
    expect(imageTag({ ...image, origin: 'public' })).toBe('ada/env:3');
    expect(imageTag({ ...image, ownerName: null, origin: 'built-in' })).toBe('env:3');
  });
});
