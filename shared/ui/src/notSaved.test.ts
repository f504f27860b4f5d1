import { describe, expect, it } from '@jest/globals';
import { IMAGE_TEXTS } from './imageTexts.ts';
import { placeText } from './notSaved.ts';

const GIB = 1024 ** 3;

describe('what is said of a place that no image holds', () => {
  it.each([
    ['/data/private/default', 'data', 3 * GIB, 'your files, 3 GiB'],
    ['/data/private/nfs', 'data', null, 'your files, not measured'],
    ['/data/public/default', 'data', null, 'files for everybody, read-only'],
    ['/data/share/default', 'data', null, 'files that people share, read-only'],
    ['/data/share/mine', 'data', GIB, 'files that people share, read-only, 1 GiB'],
    ['/data/other', 'data', GIB, 'kept with your account, 1 GiB'],
    ['/mnt', 'mount', null, 'mounted, not measured'],
    ['/dev/shm', 'tmpfs', 0, 'in memory, 0 MiB'],
  ] as const)('%s (%s)', (path, why, bytes, text) => {
    expect(placeText({ path, why, bytes }, IMAGE_TEXTS.en.save)).toBe(text);
  });
});
