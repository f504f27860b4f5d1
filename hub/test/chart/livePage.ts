import { io } from 'socket.io-client';
import { LIVE_PATH } from '../../src/platform/live.ts';
import type { Person } from '../hubClient.ts';

/** The live connection that each page of the hub has. */
export interface LivePage {
  /** How often it was made, also anew after it was lost. */
  connects(): number;
  isConnected(): boolean;
  close(): void;
}

/** Opens one for a person at the hub with this address. */
export function openLivePage(url: string, { cookie }: Pick<Person, 'cookie'>): LivePage {
  const socket = io(url, { path: LIVE_PATH, transports: ['websocket'], extraHeaders: { cookie, origin: url } });
  let connects = 0;
  socket.on('connect', () => (connects += 1));
  return { connects: () => connects, isConnected: () => socket.connected, close: () => socket.close() };
}
