import { describe, expect, it } from '@jest/globals';
import { ReadMemory } from './readMemory.ts';

describe('the memory of a long answer', () => {
  it('is read into again only after all that lies in it has been written', () => {
    const memory = new ReadMemory();
    const buffer = memory.next();
    const lease = memory.lease(buffer);
    const first = lease.take();
    const second = lease.take();
    first();
    lease.end();
    expect(memory.next()).not.toBe(buffer);
    second();
    expect(memory.next()).toBe(buffer);
  });

  it('is not read into again when a piece of it was not written', () => {
    const memory = new ReadMemory();
    const buffer = memory.next();
    const lease = memory.lease(buffer);
    lease.take();
    lease.end();
    expect(memory.next()).not.toBe(buffer);
  });
});
