import type { FromPage, PageName, ToPage } from './messages.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

const editor = acquireVsCodeApi();

/** Tells the extension something. */
export function send(message: FromPage): void {
  editor.postMessage(message);
}

/** Calls `show` with each state that the extension sends; the first comes soon after. */
export function listen(show: (state: ToPage<PageName>['state']) => void): () => void {
  const receive = ({ data }: MessageEvent<ToPage<PageName>>): void => show(data.state);
  window.addEventListener('message', receive);
  send({ type: 'ready', timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone });
  return () => window.removeEventListener('message', receive);
}
