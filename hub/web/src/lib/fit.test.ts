import type { Quota, Sizes } from '@davit/contract';
import { describe, expect, it } from '@jest/globals';
import { fitOf, freeName, remaining } from './fit.ts';

const LIMIT: Quota = { servers: 3, cpu: 4, memoryMb: 16_384, gpu: 1 };
const NOTHING: Quota = { servers: 0, cpu: 0, memoryMb: 0, gpu: 0 };

function sizes(part: { used?: Partial<Quota>; capacity?: Sizes['capacity'] } = {}): Pick<Sizes, 'quota' | 'capacity'> {
  const capacity = part.capacity ?? {
    total: { cpu: 8, memoryMb: 32_768, gpu: 2 },
    free: { cpu: 3, memoryMb: 8192, gpu: 1 },
  };
  return { quota: { limit: LIMIT, used: { ...NOTHING, ...part.used } }, capacity };
}

describe('fitOf', () => {
  it('fits now what quota and machines have free', () => {
    expect(fitOf({ cpu: 3, memoryMb: 8192, gpu: 1 }, sizes())).toBe('now');
  });

  it.each([
    ['CPU', { cpu: 3.1, memoryMb: 1024, gpu: 0 }],
    ['memory', { cpu: 1, memoryMb: 8193, gpu: 0 }],
  ])('waits for %s that others use', (_, size) => {
    expect(fitOf(size, sizes())).toBe('waits');
  });

  it('is above the quota when own servers use it up, even where the machines have room', () => {
    expect(fitOf({ cpu: 1, memoryMb: 1024, gpu: 1 }, sizes({ used: { gpu: 1 } }))).toBe('above-quota');
    expect(fitOf({ cpu: 2, memoryMb: 1024, gpu: 0 }, sizes({ used: { cpu: 2.1 } }))).toBe('above-quota');
  });

  it('never fits what is larger than the machines, whatever the quota', () => {
    expect(fitOf({ cpu: 9, memoryMb: 1024, gpu: 0 }, sizes())).toBe('never');
  });

  it('judges by the quota alone where the capacity is not known', () => {
    const unknown = { ...sizes(), capacity: null };
    expect(fitOf({ cpu: 4, memoryMb: 16_384, gpu: 1 }, unknown)).toBe('now');
    expect(fitOf({ cpu: 4.1, memoryMb: 1024, gpu: 0 }, unknown)).toBe('above-quota');
  });

  it('takes an amount that the engine does not tell for enough', () => {
    const partly = sizes({ capacity: { total: { cpu: 8 }, free: { cpu: 8 } } });
    expect(fitOf({ cpu: 1, memoryMb: 16_384, gpu: 1 }, partly)).toBe('now');
  });
});

describe('remaining', () => {
  it('counts tenths of cores without the error of binary fractions', () => {
    expect(remaining({ limit: LIMIT, used: { ...NOTHING, cpu: 3.9 } }).cpu).toBe(0.1);
  });

  it('is never negative when a quota was lowered below the use', () => {
    expect(remaining({ limit: LIMIT, used: { ...NOTHING, servers: 5 } }).servers).toBe(0);
  });
});

describe('freeName', () => {
  it('is the name of the image as long as nobody has it', () => {
    expect(freeName('jupyterlab', ['desktop'])).toBe('jupyterlab');
  });

  it('counts up past all taken ones, whatever their case', () => {
    expect(freeName('lab', ['Lab', 'lab-2', 'lab-4'])).toBe('lab-3');
  });

  it('leaves room for the number in 60 characters', () => {
    const name = 'x'.repeat(60);
    expect(freeName(name, ['x'.repeat(50)])).toBe(`${'x'.repeat(50)}-2`);
  });
});
