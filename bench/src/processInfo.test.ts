import { describe, expect, it } from '@jest/globals';
import net from 'node:net';
import { cpuUs, openSockets, residentBytes, watchResident } from './processInfo.ts';

describe('this process', () => {
  it('has memory that can be watched', () => {
    const watch = watchResident(process.pid);
    const ballast = Buffer.alloc(50_000_000, 1);
    expect(watch.stop()).toBeGreaterThan(ballast.length);
    expect(residentBytes(process.pid)).toBeGreaterThan(10_000_000);
  });

  it('uses CPU time', () => {
    const before = cpuUs(process.pid);
    const until = performance.now() + 100;
    while (performance.now() < until);
    expect(cpuUs(process.pid) - before).toBeGreaterThan(20_000);
  });

  it('has sockets that can be counted', async () => {
    const before = openSockets(process.pid);
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    expect(openSockets(process.pid)).toBe(before + 1);
    server.close();
  });
});

describe('another process', () => {
  it('may be unknown or gone', () => {
    expect([residentBytes(undefined), residentBytes(2 ** 30)]).toEqual([undefined, undefined]);
    expect([cpuUs(undefined), cpuUs(2 ** 30), openSockets(undefined)]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  });
});
