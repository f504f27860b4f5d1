import type { WebSocket } from 'ws';
import type { Benchmark, Context } from './benchmark.ts';
import { compare } from './compare.ts';
import { figure, median } from './numbers.ts';
import { cpuUs } from './processInfo.ts';
import type { Side } from './sides.ts';
import { table } from './table.ts';
import { openWebSockets } from './webSockets.ts';

const CONNECTIONS = 10;
const MESSAGE = Buffer.alloc(1024, 'x');

/** Messages per second that come back over WebSockets, each sent when the one before has come back. */
export const echo: Benchmark = {
  name: 'echo',
  title: `WebSocket echo of 1 KiB, ${CONNECTIONS} connections`,
  goal: 'faster than configurable-http-proxy',
  run,
};

interface Round {
  perSecond: number;
  cpuUsEach: number;
}

async function run({ options, sides, say }: Context): Promise<string[]> {
  const all = [sides.direct, sides.ours, sides.theirs];
  const rounds = new Map<Side, Round[]>(all.map((side) => [side, []]));
  for (const side of all) await measure(side, 1);
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const side of all) {
      const result = await measure(side, options.seconds);
      rounds.get(side)?.push(result);
      say(`round ${round}, ${side.name}: ${figure(result.perSecond)} messages/s`);
    }
  }
  const middle = (side: Side, key: keyof Round): number => median((rounds.get(side) ?? []).map((round) => round[key]));
  const rows = all.map((side) => [
    side.name,
    figure(middle(side, 'perSecond')),
    figure(middle(side, 'cpuUsEach')),
    ...compare(side, sides.theirs, middle),
  ]);
  return table(['', 'messages/s', 'CPU us each', 'to peer', 'CPU to peer'], rows);
}

async function measure(side: Side, seconds: number): Promise<Round> {
  const sockets = await openWebSockets(side, CONNECTIONS);
  const cpuBefore = cpuUs(side.pid);
  const began = performance.now();
  const until = began + seconds * 1000;
  const counts = await Promise.all(sockets.map((socket) => pingPong(socket, until)));
  const elapsed = (performance.now() - began) / 1000;
  const count = counts.reduce((sum, each) => sum + each, 0);
  const cpuUsEach = (cpuUs(side.pid) - cpuBefore) / count;
  for (const socket of sockets) socket.terminate();
  return { perSecond: count / elapsed, cpuUsEach };
}

function pingPong(socket: WebSocket, until: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let count = 0;
    socket.on('error', reject);
    socket.on('message', () => {
      count += 1;
      if (performance.now() >= until) resolve(count);
      else socket.send(MESSAGE);
    });
    socket.send(MESSAGE);
  });
}
