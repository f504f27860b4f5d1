import { ApiError } from '@davit/contract';
import { describe, expect, it, jest } from '@jest/globals';
import type { TranslationBundle } from '@jupyterlab/translation';

jest.unstable_mockModule('@jupyterlab/apputils', () => ({ Notification: {} }));
const { formFailure } = await import('./problem.ts');

const trans = {
  __: (text: string, ...values: unknown[]) => text.replaceAll(/%(\d)/g, (_, n) => String(values[Number(n) - 1])),
} as unknown as TranslationBundle;

const refusal = (details?: Record<string, unknown>) =>
  new ApiError({
    type: 'about:blank',
    title: '',
    status: 409,
    code: 'conflict',
    detail: '2 servers use the image env:1. Delete them first; files in /data are kept.',
    requestId: 'r',
    fields: [{ path: 'name', message: 'is taken' }],
    ...(details === undefined ? {} : { details }),
  });

describe('what a form says of a refusal', () => {
  it('names the servers that stand in the way', () => {
    const servers = [
      { id: 'x', name: 'lab', ownerName: 'ada' },
      { id: 'y', name: 'other', ownerName: 'ada' },
    ];
    expect(formFailure(refusal({ servers }), trans)).toEqual({
      error:
        '2 servers use the image env:1. Delete them first; files in /data are kept. These servers use it: lab, other',
      fieldErrors: { name: 'is taken' },
    });
  });

  it.each([undefined, {}, { servers: [] }, { servers: 'lab' }, { servers: [null, { name: 3 }] }])(
    'names none where none are told: %j',
    (details) => {
      expect(formFailure(refusal(details), trans).error).toBe(refusal().message);
    },
  );

  it('says that nothing answers', () => {
    expect(formFailure(new TypeError('fetch failed'), trans)).toEqual({
      error: 'The hub does not answer. Try again in a moment.',
      fieldErrors: {},
    });
  });
});
