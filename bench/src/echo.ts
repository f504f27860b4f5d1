import type { WebSocket } from 'ws';
import type { Benchmark, Context } from './benchmark.ts';
import { figure, median, ratio } from './numbers.ts';
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

async function run({ options, sides, say }: Context): Promise<string[]> {
  const all = [sides.direct, sides.ours, sides.theirs];
  const rounds = new Map<Side, number[]>(all.map((side) => [side, []]));
  for (const side of all) await measure(side, 1);
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const side of all) {
      const perSecond = await measure(side, options.seconds);
      rounds.get(side)?.push(perSecond);
      say(`round ${round}, ${side.name}: ${figure(perSecond)} messages/s`);
    }
  }
  const middle = (side: Side): number => median(rounds.get(side) ?? []);
  const rows = all.map((side) => [
    side.name,
    figure(middle(side)),
    side === sides.theirs ? '' : ratio(middle(side), middle(sides.theirs)),
  ]);
  return table(['', 'messages/s', 'to peer'], rows);
}

async function measure(side: Side, seconds: number): Promise<number> {
  const sockets = await openWebSockets(side, CONNECTIONS);
  const began = performance.now();
  const until = began + seconds * 1000;
  const counts = await Promise.all(sockets.map((socket) => pingPong(socket, until)));
  const elapsed = (performance.now() - began) / 1000;
  for (const socket of sockets) socket.terminate();
  return counts.reduce((sum, count) => sum + count, 0) / elapsed;
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
