import { translateHubText } from '@davit/contract/texts';
import type { ImageJob } from '@davit/contract';
import { describe, expect, it } from '@jest/globals';
import { nullTranslator } from '@jupyterlab/translation';
import { DOMAIN } from './host.ts';
import { saveNotice } from './saveNotice.ts';

const JOB = { name: 'env', version: '1', percent: null, reason: null } as ImageJob;
const host = {
  trans: nullTranslator.load(DOMAIN),
  hubText: (text: string) => translateHubText(text, 'zh'),
};

describe('the notice of a save', () => {
  it('says why it failed in the reader’s language', () => {
    const failed = { ...JOB, phase: 'failed', reason: 'The server is gone.' } as const;
    expect(saveNotice(failed, host)).toEqual({ message: 'env:1 was not saved: 服务器已不存在。', type: 'error' });
  });

  it('tells how far it is where that is known', () => {
    expect(saveNotice({ ...JOB, phase: 'saving', percent: 61.7 }, host)).toMatchObject({
      message: 'Saving env:1: 61 %',
      progress: 0.617,
    });
    expect(saveNotice({ ...JOB, phase: 'checking' }, host)).toEqual({ message: 'Saving env:1 …', type: 'in-progress' });
  });
});
