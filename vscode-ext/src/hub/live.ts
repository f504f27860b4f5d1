import { changeEventSchema, SERVER_LIVE_PATH } from '@davit/contract';
import { io } from 'socket.io-client';
import { Signal } from '../base/signal.ts';
import { readToken, type HubAddress } from './address.ts';
import type { Live } from './hub.ts';

/** Connects to the hub's events and stays connected; each try reads the token anew. */
export function connectLive(address: HubAddress): Live {
  const connected = new Signal();
  const ended = new Signal();
  const change: Live['change'] = new Signal();
  const headers: Record<string, string> = {};
  const socket = io(address.url, {
    path: SERVER_LIVE_PATH,
    transports: ['websocket'],
    autoConnect: false,
    reconnection: false,
    extraHeaders: headers,
  });
  let closed = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const open = async (): Promise<void> => {
    const token = await readToken(address);
    if (closed) return;
    headers['authorization'] = `Bearer ${token ?? ''}`;
    socket.connect();
  };
  // The client's own reconnection would send the token of the first try for ever.
  const again = (): void => {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(() => void open(), Math.min(30_000, 1000 * 2 ** failures) * (0.75 + Math.random() / 2));
    failures += 1;
  };
  socket.on('connect', () => {
    failures = 0;
    connected.emit();
  });
  socket.on('change', (message: unknown) => {
    const event = changeEventSchema.safeParse(message);
    if (event.success) change.emit(event.data);
  });
  socket.on('disconnect', () => {
    ended.emit();
    again();
  });
  socket.on('connect_error', again);
  void open();
  return {
    connected,
    ended,
    change,
    dispose: () => {
      closed = true;
      clearTimeout(timer);
      socket.disconnect();
    },
  };
}
