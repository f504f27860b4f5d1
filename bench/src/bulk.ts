import http from 'node:http';
import type { Benchmark, Context } from './benchmark.ts';
import { compare } from './compare.ts';
import { figure, mebibytes, median } from './numbers.ts';
import { cpuUs, residentBytes, watchResident } from './processInfo.ts';
import type { Side } from './sides.ts';
import { table } from './table.ts';

const BLOCK = Buffer.alloc(64 * 1024, 'x');
const MEBIBYTE = 1024 * 1024;
const ROUNDS = 3;
/** Memory that does not grow with the size of a body has grown no more after a body so many times as large. */
const LARGER = 4;

type Direction = 'download' | 'upload';

interface Measured {
  /** MiB. */
  perSecond: number;
  /** CPU time of the proxy for each MiB. */
  cpuUsEach: number;
  /** Growth of the proxy's memory to its highest, from before this transfer. */
  grewBytes: number | undefined;
  highestBytes: number | undefined;
}

/** One large body, either way. */
export const bulk: Benchmark = {
  name: 'bulk',
  title: 'Download and upload of 1 GB',
  goal: 'at least as fast as configurable-http-proxy, with flat memory',
  run,
};

async function run({ options, sides, say }: Context): Promise<string[]> {
  const all = [sides.direct, sides.ours, sides.theirs];
  const lines: string[] = [];
  for (const direction of ['download', 'upload'] as const) {
    const results = new Map<Side, Measured[]>(all.map((side) => [side, []]));
    for (const side of all) await transfer(side, direction, Math.min(options.bytes, 64 * MEBIBYTE));
    for (let round = 1; round <= Math.min(ROUNDS, options.rounds); round += 1) {
      for (const side of all) {
        const result = await measure(side, direction, options.bytes);
        results.get(side)?.push(result);
        say(`${direction} ${round}, ${side.name}: ${figure(result.perSecond)} MiB/s`);
      }
    }
    const larger = new Map<Side, number | undefined>();
    for (const side of all.slice(1)) {
      say(`${direction} of ${LARGER} x the size, ${side.name}`);
      larger.set(side, (await measure(side, direction, LARGER * options.bytes)).grewBytes);
    }
    lines.push(...report(direction, all, results, larger), '');
  }
  return lines.slice(0, -1);
}

function report(
  direction: Direction,
  all: Side[],
  results: Map<Side, Measured[]>,
  larger: Map<Side, number | undefined>,
): string[] {
  const of = (side: Side, key: keyof Measured): number[] =>
    (results.get(side) ?? []).flatMap((result) => result[key] ?? []);
  const middle = (side: Side, key: 'perSecond' | 'cpuUsEach'): number => median(of(side, key));
  const highest = (side: Side, key: 'grewBytes' | 'highestBytes'): string => mebibytes(max(of(side, key)));
  const rows = all.map((side) => [
    side.name,
    figure(middle(side, 'perSecond')),
    highest(side, 'highestBytes'),
    highest(side, 'grewBytes'),
    mebibytes(larger.get(side)),
    ...compare(side, all.at(-1) ?? side, middle),
  ]);
  return table(
    [direction, 'MiB/s', 'highest memory', 'growth', `growth, ${LARGER} x size`, 'to peer', 'CPU to peer'],
    rows,
  );
}

function max(values: number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values);
}

async function measure(side: Side, direction: Direction, bytes: number): Promise<Measured> {
  const before = residentBytes(side.pid);
  const watch = watchResident(side.pid);
  const cpuBefore = cpuUs(side.pid);
  const began = performance.now();
  await transfer(side, direction, bytes);
  const seconds = (performance.now() - began) / 1000;
  const mebibytesMoved = bytes / MEBIBYTE;
  const cpuUsEach = (cpuUs(side.pid) - cpuBefore) / mebibytesMoved;
  const highestBytes = watch.stop();
  const grewBytes = highestBytes === undefined || before === undefined ? undefined : highestBytes - before;
  return { perSecond: mebibytesMoved / seconds, cpuUsEach, grewBytes, highestBytes };
}

async function transfer(side: Side, direction: Direction, bytes: number): Promise<void> {
  const moved = direction === 'download' ? await download(side, bytes) : await upload(side, bytes);
  if (moved !== bytes) throw new Error(`${side.name}: ${moved} of ${bytes} bytes arrived.`);
}

function download({ url, headers }: Side, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = http.get(`${url}download?bytes=${bytes}`, { headers, agent: false }, (answer) => {
      let received = 0;
      answer.on('data', (chunk: Buffer) => (received += chunk.length));
      answer.on('end', () => resolve(received));
      answer.on('error', reject);
    });
    request.on('error', reject);
  });
}

function upload({ url, headers }: Side, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', headers: { ...headers, 'content-length': bytes }, agent: false };
    const request = http.request(`${url}upload`, options, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => resolve(Number(text)));
      answer.on('error', reject);
    });
    let left = bytes;
    const more = (): void => {
      while (left > 0) {
        const piece = left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK;
        left -= piece.length;
        if (!request.write(piece)) return;
      }
      request.end();
    };
    request.on('error', reject);
    request.on('drain', more);
    more();
  });
}
