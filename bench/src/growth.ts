import { setTimeout as sleep } from 'node:timers/promises';
import { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Benchmark, Context } from './benchmark.ts';
import { figure, mebibytes } from './numbers.ts';
import { openSockets, residentBytes } from './processInfo.ts';
import type { Side } from './sides.ts';
import { table } from './table.ts';
import { openWebSockets } from './webSockets.ts';

const SETTLE_MS = 2000;

interface State {
  sockets: number;
  bytes: number | undefined;
}

/** What is left of WebSockets that were opened and reset; twice, because the first time also grows heaps for good. */
export const growth: Benchmark = {
  name: 'growth',
  title: 'WebSockets opened and reset',
  goal: 'no more sockets afterwards, no growth of memory from the first time to the second',
  run,
};

async function run({ options, sides, say }: Context): Promise<string[]> {
  const rows: string[][] = [];
  for (const side of [sides.ours, sides.theirs]) {
    if (side.pid === undefined) continue;
    const before = look(side);
    const open: State[] = [];
    const after: State[] = [];
    for (let time = 1; time <= 2; time += 1) {
      say(`${side.name}: opening and resetting ${figure(options.sockets)} WebSockets, time ${time}`);
      const sockets = await openWebSockets(side, options.sockets);
      open.push(look(side));
      sockets.forEach(reset);
      await sleep(SETTLE_MS);
      after.push(look(side));
    }
    rows.push([side.name, ...[before, ...open, ...after].map(show)]);
  }
  return table(['sockets, memory', 'before', 'open', 'open again', 'after', 'after again'], rows);
}

function look({ pid }: Side): State {
  return { sockets: openSockets(pid), bytes: residentBytes(pid) };
}

function show({ sockets, bytes }: State): string {
  return `${figure(sockets)}, ${mebibytes(bytes)}`;
}

/** Not a goodbye: what a browser's machine does when it vanishes. */
function reset(socket: WebSocket): void {
  socket.on('error', () => undefined);
  const { _socket: raw } = socket as unknown as { _socket: unknown };
  if (raw instanceof Socket) raw.resetAndDestroy();
}
