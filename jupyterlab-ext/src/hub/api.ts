import * as contract from '@davit/contract';
import { translateHubText } from '@davit/contract/texts';
import type { IDisposable } from '@lumino/disposable';
import { io } from 'socket.io-client';
import { languageOf } from '../host.ts';
import type { Api, LiveListener } from './hub.ts';

/**
 * The client of the server API below `root`. It is loaded once a hub was found: it brings all schemas with it, and what
 * the hub says in JupyterLab's language.
 */
export function createApi(root: string, locale: string, send: typeof fetch = fetch): Api {
  const words = (text: string): string => translateHubText(text, languageOf(locale));
  const request = contract.createClient({ baseUrl: root, fetch: send, words });
  return {
    call: (pick, call) => {
      const route = pick(contract);
      return request({ ...route, path: contract.serverApiPath(route.path) }, call);
    },
    live: (listener) => connectLive(root, listener),
    hubText: words,
    isRefusal: (error, status) => error instanceof contract.ApiError && error.problem.status === status,
  };
}

/** Listens to the server's events; connects again by itself until it is disposed. */
function connectLive(root: string, listener: LiveListener): IDisposable {
  const socket = io({ path: `${root}${contract.SERVER_LIVE_PATH}`, transports: ['websocket'] });
  socket.on('connect', listener.connected);
  socket.on('disconnect', listener.disconnected);
  socket.on('change', (change: unknown) => {
    const event = contract.changeEventSchema.safeParse(change);
    if (event.success) listener.changed(event.data);
  });
  return {
    get isDisposed() {
      return !socket.active;
    },
    dispose: () => {
      socket.disconnect();
    },
  };
}
