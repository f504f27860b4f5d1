import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { SAVER_BEAT_MS, SAVER_PATH, SaveRefused, type SaverEvent, type SaverRequest } from '@davit/oci';
import { NotAllowed, type RequestChecker } from './requests.ts';
import type { Saver } from './saver.ts';

/** A token with all patterns of what is left out has some 20 KB. */
const MAX_REQUEST = 1024 * 1024;
/** Progress is told so often at most, in milliseconds: it comes with each block that is read. */
const PROGRESS_MS = 200;

interface SaverServerOptions {
  checker: RequestChecker;
  saver: Saver;
  log: (entry: Record<string, unknown>) => void;
}

/** `GET /healthz`, and signed requests at one address; what does not come from the hub learns nothing. */
export function createSaverServer(options: SaverServerOptions): Server {
  return createServer((request, response) => {
    handle(request, response, options).catch((error: unknown) => {
      const [status, message] = problemOf(error);
      if (status !== 409) options.log({ message: 'request refused', error: String(error) });
      if (response.headersSent) response.destroy();
      else answer(response, status, { message });
    });
  });
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { checker, saver }: SaverServerOptions,
): Promise<void> {
  if (request.method === 'GET' && request.url === '/healthz') {
    answer(response, 200, {});
    return;
  }
  if (request.method !== 'POST' || request.url !== SAVER_PATH) {
    answer(response, 404, { message: 'Not found.' });
    return;
  }
  const wanted = await checker.check(await textOf(request));
  const abort = new AbortController();
  // The end of the connection is the end of the request, however it came.
  response.once('close', () => abort.abort(new Error('The save was cancelled.')));
  if (wanted.action === 'save') return stream(response, (tell) => saver.save(wanted, abort.signal, tell));
  answer(response, 200, await done(saver, wanted));
}

async function done(saver: Saver, wanted: Exclude<SaverRequest, { action: 'save' }>): Promise<object> {
  if (wanted.action === 'measure') return saver.measure(wanted);
  if (wanted.action === 'cancel') await saver.cancel(wanted.instance, wanted.job);
  else await saver.sweep(wanted.instance, wanted.active);
  return {};
}

/** One event a line. Of progress only the latest is worth telling. */
async function stream(
  response: ServerResponse,
  work: (tell: (event: SaverEvent) => void) => Promise<void>,
): Promise<void> {
  // A hub that has gone is told of by `close`.
  response.on('error', () => undefined);
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  const write = (event: SaverEvent): void => void response.write(`${JSON.stringify(event)}\n`);
  const beat = setInterval(() => write({ event: 'beat' }), SAVER_BEAT_MS);
  let told: { step: string; at: number } | undefined;
  try {
    await work((event) => {
      if (event.event === 'progress') {
        const now = performance.now();
        if (told?.step === event.step && now - told.at < PROGRESS_MS) return;
        told = { step: event.step, at: now };
      }
      write(event);
    });
  } finally {
    clearInterval(beat);
    response.end();
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_REQUEST) throw new NotAllowed('The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1').trim();
}

function problemOf(error: unknown): [number, string] {
  if (error instanceof NotAllowed) return [403, error.message];
  if (error instanceof SaveRefused) return [409, error.message];
  return [500, 'The image saver failed. Its log tells more.'];
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
