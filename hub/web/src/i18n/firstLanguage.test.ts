import { describe, expect, it } from '@jest/globals';
import { firstLanguage } from './firstLanguage.ts';

describe('firstLanguage', () => {
  it('is the choice that was kept', () => {
    expect(firstLanguage('zh', ['en-GB'])).toBe('zh');
  });

  it('is the first of the browser’s languages that there is', () => {
    expect(firstLanguage(undefined, ['fr-FR', 'zh-TW', 'en'])).toBe('zh');
    expect(firstLanguage('klingon', ['EN-us'])).toBe('en');
  });

  it('is English where there is none', () => {
    expect(firstLanguage(undefined, ['fr', 'de'])).toBe('en');
  });
});
