import { describe, expect, it } from '@jest/globals';
import { Metrics } from './metrics.ts';

describe('the metrics of the process', () => {
  it('tell how late the event loop is, and nothing that takes a timer of a few milliseconds to find out', async () => {
    const metrics = new Metrics();
    metrics.collectProcess();
    const text = await metrics.registry.metrics();
    expect(text).toMatch(/^process_cpu_seconds_total /m);
    expect(text).toMatch(/^nodejs_eventloop_utilization_summary_count /m);
    expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
    expect(text).not.toMatch(/nodejs_eventloop_lag_(?!seconds)/);
  });
});
