import autocannon from 'autocannon';
import type { Benchmark, Context } from './benchmark.ts';
import { compare } from './compare.ts';
import { figure, median } from './numbers.ts';
import { cpuUs } from './processInfo.ts';
import type { Side } from './sides.ts';
import { table } from './table.ts';

const CONNECTIONS = 50;

interface Round {
  perSecond: number;
  medianMs: number;
  p99Ms: number;
  cpuUsEach: number;
}

/** Requests per second for a page of 200 bytes. */
export const smallGet: Benchmark = {
  name: 'small-get',
  title: `GET of 200 bytes, ${CONNECTIONS} connections`,
  goal: 'at least 2.5 x the requests per second of configurable-http-proxy',
  run,
};

async function run({ options, sides, say }: Context): Promise<string[]> {
  const all = [sides.direct, sides.ours, sides.theirs];
  const rounds = new Map<Side, Round[]>(all.map((side) => [side, []]));
  // Code that is not compiled yet would count against whoever is first.
  for (const side of all) await shoot(side, 2);
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const side of all) {
      const result = await shoot(side, options.seconds);
      rounds.get(side)?.push(result);
      say(`round ${round}, ${side.name}: ${figure(result.perSecond)} requests/s`);
    }
  }
  const middle = (side: Side, key: keyof Round): number => median((rounds.get(side) ?? []).map((round) => round[key]));
  const rows = all.map((side) => [
    side.name,
    figure(middle(side, 'perSecond')),
    figure(middle(side, 'medianMs')),
    figure(middle(side, 'p99Ms')),
    figure(middle(side, 'cpuUsEach')),
    ...compare(side, sides.theirs, middle),
  ]);
  return table(['', 'requests/s', 'p50 ms', 'p99 ms', 'CPU us each', 'to peer', 'CPU to peer'], rows);
}

async function shoot(side: Side, seconds: number): Promise<Round> {
  const before = cpuUs(side.pid);
  const { url, headers } = side;
  const result = await autocannon({ url, headers, connections: CONNECTIONS, duration: seconds });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${side.name}: ${result.non2xx} answers other than 2xx, ${result.errors} errors.`);
  }
  return {
    perSecond: result.requests.total / result.duration,
    medianMs: result.latency.p50,
    p99Ms: result.latency.p99,
    cpuUsEach: (cpuUs(side.pid) - before) / result.requests.total,
  };
}
