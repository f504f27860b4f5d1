import { describe, expect, it } from '@jest/globals';
import { chinese, english, usage, usageByServer } from '../../test/samples.ts';
import { usageRows } from './usageRows.ts';

describe('the rows of usage', () => {
  it('tell today, the last 30 days with bars, and each server', () => {
    const rows = usageRows(usage, usageByServer, english);
    expect(rows.map(({ label, description }) => [label, description])).toEqual([
      ['Today', '1 GPU-hour · 2 h running'],
      ['Last 30 days', '2 GPU-hours · 4 h running'],
      ['By server', undefined],
    ]);
    expect(rows[1]?.children?.map(({ label }) => label)).toEqual([
      '█'.repeat(15),
      '16 core-hours',
      '64 GiB-hours',
      '2 GPU-hours',
    ]);
    expect(rows[2]?.children?.map(({ label, description }) => [label, description])).toEqual([
      ['lab', '1 GPU-hour · 2 h running'],
    ]);
  });

  it('lead with time where there is no GPU, and mark deleted servers', () => {
    const row = { ...usageByServer[0]!, gpuCardMinutes: 0, serverDeleted: true };
    const [, , servers] = usageRows(usage, [row], chinese);
    expect(servers?.children?.[0]?.description).toBe('运行 2 小时 · 已删除');
  });

  it('say calmly that there is none yet', () => {
    const none = { minutes: 0, cpuCoreMinutes: 0, memoryGbMinutes: 0, gpuCardMinutes: 0 };
    const empty = { today: { ...none, since: null }, range: { ...none, since: null }, days: [] };
    const rows = usageRows(empty, [], english);
    expect(rows.map(({ description }) => description)).toEqual(['no usage yet', 'no usage yet', 'no usage yet']);
  });
});
