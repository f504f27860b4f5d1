import type { ServerMetrics, UsageRow, UsageSummary } from '@davit/contract';
import { describe, expect, it } from '@jest/globals';
import { createElement as h, type ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { ServerMeters } from './ServerMeters.tsx';
import { UsageSummaryView } from './UsageSummaryView.tsx';
import { UsageTable } from './UsageTable.tsx';
import { USAGE_TEXTS } from './usageTexts.ts';

const words = { texts: USAGE_TEXTS.en, locale: 'en-US' };
const amounts = { minutes: 90, cpuCoreMinutes: 180, memoryGbMinutes: 360, gpuCardMinutes: 60, since: null };
const row: UsageRow = {
  ...amounts,
  userId: 'ada000000000',
  userName: 'ada',
  serverId: 'lab000000000',
  serverName: 'lab',
  serverDeleted: false,
  day: null,
};
const summary: UsageSummary = {
  today: { ...amounts, minutes: 0 },
  range: amounts,
  days: [{ day: '2026-03-01', minutes: 90, cpuCoreMinutes: 180, memoryGbMinutes: 360, gpuCardMinutes: 60 }],
};

/** The words of a view, as a person reads them. */
function read(view: ReactElement): string {
  return renderToStaticMarkup(view)
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

describe('the table', () => {
  it('has a column of cards only where any was used, and says what is deleted', () => {
    const rows = [row, { ...row, serverId: 'old000000000', serverName: 'old', serverDeleted: true }];
    const text = read(h(UsageTable, { ...words, label: 'x', rows, keys: ['server', 'user'] }));
    expect(text).toBe(
      'Server Person Hours CPU core-hours GiB-hours GPU-hours lab ada 1.5 3 6 1 old deleted ada 1.5 3 6 1',
    );
    const without = read(
      h(UsageTable, { ...words, label: 'x', rows: [{ ...row, gpuCardMinutes: 0 }], keys: ['server'] }),
    );
    expect(without).toBe('Server Hours CPU core-hours GiB-hours lab 1.5 3 6');
  });

  it('names whom the hub does not know any more by the id', () => {
    const rows = [{ ...row, userName: null, serverName: null }];
    expect(read(h(UsageTable, { ...words, label: 'x', rows, keys: ['user', 'server'] }))).toContain(
      'no name (ada000000000) no name (lab000000000)',
    );
  });
});

describe('the summary', () => {
  it('tells today and the range with cards first, and each server', () => {
    const text = read(h(UsageSummaryView, { ...words, summary, servers: [row], withServers: true }));
    expect(text).toContain('Today 1 GPU-hour 0 hours · 3 core-hours · 6 GiB-hours');
    expect(text).toContain('Per server Server Hours CPU core-hours GiB-hours GPU-hours lab 1.5 3 6 1');
  });

  it('tells of each server in lines where there is no room for a table, the most used of many', () => {
    const servers = Array.from({ length: 10 }, (_, index) => ({
      ...row,
      serverId: `server00000${index}`,
      serverName: `lab ${index}`,
      serverDeleted: index === 1,
    }));
    const view = h(UsageSummaryView, { ...words, summary, servers, withServers: true, narrow: true });
    expect(read(view)).toContain(
      'Per server lab 0 1 GPU-hour 1.5 hours · 3 core-hours · 6 GiB-hours lab 1 deleted 1 GPU',
    );
    expect(read(view)).toMatch(/lab 7 .* and 2 more$/);
    expect(read(view)).not.toContain('Per server Server');
  });

  it('is designed for nothing, for waiting and for failing', () => {
    const nothing = { minutes: 0, cpuCoreMinutes: 0, memoryGbMinutes: 0, gpuCardMinutes: 0 };
    const empty: UsageSummary = {
      today: { ...nothing, since: null },
      range: { ...nothing, since: null },
      days: [{ day: '2026-03-01', ...nothing }],
    };
    const text = read(h(UsageSummaryView, { ...words, summary: empty, servers: [], withServers: true }));
    expect(text).toContain('Nothing was used on these days.');
    expect(text).toContain('No server ran on these days.');
    expect(renderToStaticMarkup(h(UsageSummaryView, { ...words, summary: undefined }))).toContain('davit-skeleton');
    expect(read(h(UsageSummaryView, { ...words, summary: undefined, failure: 'No answer.' }))).toBe('No answer.');
  });
});

describe('the meters', () => {
  const sample = { at: '2026-03-01T10:00:00.000Z', cpu: null, memoryBytes: 2 ** 30, gpu: null, gpuMemoryBytes: null };
  const metrics: ServerMetrics = {
    samples: [sample],
    limits: { cpu: 4, memoryBytes: 16 * 2 ** 30, gpu: 0 },
    startedAt: null,
  };
  const told = (changes: Partial<ServerMetrics>): string =>
    read(h(ServerMeters, { texts: words.texts, metrics: { ...metrics, ...changes } }));

  it('tell what is used of what there is', () => {
    const samples = [sample, { ...sample, cpu: 1.26 }];
    expect(told({ samples })).toBe('CPU 1.3 of 4 cores Memory 1 GiB of 16 GiB');
  });

  it('tell of cards only where there are any, with their memory where it is known', () => {
    const limits = { ...metrics.limits, gpu: 2 };
    const samples = [sample, { ...sample, cpu: 0, gpu: 0.375, gpuMemoryBytes: 3 * 2 ** 30 }];
    expect(told({ samples, limits })).toContain('GPU 38 %, 3 GiB');
  });

  it('guess nothing that was not measured', () => {
    expect(told({ samples: [] })).toBe('CPU measuring … Memory measuring …');
    expect(told({})).toBe('CPU measuring … Memory 1 GiB of 16 GiB');
    expect(told({ samples: [sample, sample] })).toContain('CPU not measured');
  });
});
