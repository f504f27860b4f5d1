import { reasonCodeSchema, type Reason } from '@davit/contract';
import { describe, expect, it } from '@jest/globals';
import { en } from './en.ts';
import { zhReason } from './zhReasons.ts';

const reason = (code: Reason['code'], params: Reason['params'] = {}): Reason => ({
  code,
  message: 'The English sentence.',
  params,
});

describe('reasons', () => {
  it('are the sentences of the hub in English', () => {
    expect(en.reason(reason('exited'))).toBe('The English sentence.');
  });

  it.each(reasonCodeSchema.options)('say %s in Chinese also without params', (code) => {
    const text = zhReason(reason(code));
    expect(text).toMatch(/\p{Script=Han}/u);
    expect(text).not.toMatch(/undefined|NaN|The English/);
  });

  it('carry the numbers that say where one stands', () => {
    expect(zhReason(reason('building-image', { image: 'desktop', step: 7, steps: 12 }))).toMatch(/desktop.*7.*12/);
    expect(zhReason(reason('no-free-gpu', { used: 3, total: 4, position: 2 }))).toMatch(/3 \/ 4.*2/);
    expect(zhReason(reason('exited', { exitCode: 139 }))).toContain('139');
    expect(zhReason(reason('out-of-memory', { memoryMb: 2048 }))).toContain('2048 MiB');
    expect(zhReason(reason('out-of-memory', { memoryMb: 4096, kills: 2 }))).toMatch(/仍在运行.* 2 个程序.*4096 MiB/);
    expect(zhReason(reason('disk-limit', { percent: 92, limitMb: 20_480 }))).toMatch(/20480 MiB 的 92%.*移到/);
    expect(zhReason(reason('disk-limit', { limitMb: 20_480 }))).toMatch(/20480 MiB.*已被停止/);
  });

  it('keep the hub’s sentence for a code that the page does not know yet', () => {
    const future = { ...reason('lost'), code: 'struck-by-lightning' } as unknown as Reason;
    expect(zhReason(future)).toBe('The English sentence.');
  });
});
