import { WebSocket } from 'ws';
import type { Side } from './sides.ts';

/** Opens WebSockets through a side, a few at a time; rejects if one is refused. */
export async function openWebSockets(side: Side, count: number, atOnce = 50): Promise<WebSocket[]> {
  const sockets: WebSocket[] = [];
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(atOnce, count - sockets.length) }, () => open(side));
    sockets.push(...(await Promise.all(batch)));
  }
  return sockets;
}

function open(side: Side): Promise<WebSocket> {
  const socket = new WebSocket(`${side.url.replace(/^http/, 'ws')}ws`, {
    headers: side.headers,
    origin: side.headers['origin'] ?? new URL(side.url).origin,
    perMessageDeflate: false,
  });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.on('error', reject);
  });
}
