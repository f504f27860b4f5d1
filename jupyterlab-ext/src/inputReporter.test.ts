import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { InputReporter } from './inputReporter.ts';

describe('the reporter of input', () => {
  const report = jest.fn(() => Promise.resolve());
  let reporter: InputReporter;

  beforeEach(() => {
    jest.useFakeTimers();
    report.mockReset().mockImplementation(() => Promise.resolve());
    reporter = new InputReporter({ report });
  });
  afterEach(() => {
    reporter.dispose();
    jest.useRealTimers();
  });

  it('says nothing by itself', () => {
    jest.advanceTimersByTime(3_600_000);
    expect(report).not.toHaveBeenCalled();
  });

  it('reports the first key at once and the rest once a minute', () => {
    for (let second = 0; second < 150; second += 1) {
      reporter.input();
      jest.advanceTimersByTime(1_000);
    }
    expect(report).toHaveBeenCalledTimes(3);
  });

  it('stops a minute after the last key', () => {
    reporter.input();
    jest.advanceTimersByTime(10_000);
    reporter.input();
    jest.advanceTimersByTime(3_600_000);
    expect(report).toHaveBeenCalledTimes(2);
  });

  it('goes on after a report was lost', async () => {
    report.mockImplementation(() => Promise.reject(new TypeError('refused')));
    reporter.input();
    await jest.advanceTimersByTimeAsync(60_000);
    reporter.input();
    expect(report).toHaveBeenCalledTimes(2);
  });
});
