import { changeEventSchema, type EventType } from '@davit/contract';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState, type ReactElement, type ReactNode } from 'react';
import { io } from 'socket.io-client';
import { markOutdated } from './queries.ts';

const ConnectedContext = createContext(true);

/** Changes that arrive within this time are answered by one refetch: a building image reports each step. */
const GATHER_MS = 150;
/** A short gap, as after a hub's restart, is not worth a bar. */
const BAR_AFTER_MS = 1500;
/** How often a visible page asks by itself while no events can arrive. */
const ASK_WITHOUT_EVENTS_MS = 15_000;

/** Keeps what is shown up to date while somebody is signed in, by the hub's change events. */
export function LiveProvider({ children }: { children: ReactNode }): ReactElement {
  const client = useQueryClient();
  const [connected, setConnected] = useState(true);

  useEffect(() => {
    const changed = new Set<EventType>();
    let gathering: ReturnType<typeof setTimeout> | undefined;
    let bar: ReturnType<typeof setTimeout> | undefined;
    let wasConnected = false;

    const flush = (): void => {
      gathering = undefined;
      // A hidden page asks when it is looked at again, so that a hundred forgotten tabs cost nothing.
      if (document.hidden) return;
      for (const type of changed) markOutdated(client, type);
      changed.clear();
    };
    const lost = (): void => {
      bar ??= setTimeout(() => setConnected(false), BAR_AFTER_MS);
      // The hub also ends the socket when the session ends; the answer to «who am I» tells which it was.
      if (!document.hidden) void client.invalidateQueries({ queryKey: ['me'] });
    };

    const socket = io({ path: '/api/socket.io', transports: ['websocket'], reconnectionDelayMax: 10_000 });
    socket.on('connect', () => {
      clearTimeout(bar);
      bar = undefined;
      setConnected(true);
      // Events missed in between are lost, so everything shown is asked for again.
      if (wasConnected) void client.invalidateQueries();
      wasConnected = true;
    });
    socket.on('change', (message: unknown) => {
      const event = changeEventSchema.safeParse(message);
      if (!event.success) return;
      changed.add(event.data.type);
      gathering ??= setTimeout(flush, GATHER_MS);
    });
    socket.on('disconnect', (reason) => {
      lost();
      // After an end by the server the client does not try again by itself.
      if (reason === 'io server disconnect') socket.connect();
    });
    socket.on('connect_error', lost);

    const shown = (): void => {
      if (!document.hidden && changed.size > 0) flush();
    };
    document.addEventListener('visibilitychange', shown);
    const asking = setInterval(() => {
      if (!socket.connected && !document.hidden) void client.invalidateQueries();
    }, ASK_WITHOUT_EVENTS_MS);

    return () => {
      document.removeEventListener('visibilitychange', shown);
      clearInterval(asking);
      clearTimeout(gathering);
      clearTimeout(bar);
      socket.disconnect();
    };
  }, [client]);

  return <ConnectedContext.Provider value={connected}>{children}</ConnectedContext.Provider>;
}

/** False while events cannot arrive. */
export function useConnected(): boolean {
  return useContext(ConnectedContext);
}
