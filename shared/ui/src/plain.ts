/** What front ends without React share too: words, and the one rule of when a release is warned of. */
export * from './imageTexts.ts';
export * from './releaseLine.ts';
export * from './releaseTexts.ts';
export * from './usage/usageTexts.ts';
