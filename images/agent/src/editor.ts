import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { restartDelayMs } from './backoff.ts';
import { fillIn, type EditorSpec } from './editorSpec.ts';
import { ProcessGroup, type Ended } from './processGroup.ts';

/** `waiting` for the driver's go, `starting`, `ready`, or `failed`: ended, and tried again from time to time. */
export type EditorPhase = 'waiting' | 'starting' | 'ready' | 'failed';

export interface EditorState {
  name: string;
  phase: EditorPhase;
  /** Starts after the first one. */
  restarts: number;
  message?: string;
}

export interface EditorOptions {
  basePath: string;
  home: string;
  env: NodeJS.ProcessEnv;
  log: (message: string) => void;
  restartDelayMs?: (endsInARow: number) => number;
}

const LOOPBACK = '127.0.0.1';
const FIRST_POLL_MS = 50;
const SLOWEST_POLL_MS = 1000;
const POLL_TIMEOUT_MS = 5000;
/** An editor that was ready for this long starts anew with a clean slate. */
const STEADY_MS = 60_000;
/** After so many ends in a row the editor is called failed; it is still tried again. */
const ENDS_TO_FAIL = 3;

/** Runs one editor: starts it, notices when it is ready, starts it again when it ends, until it is stopped. */
export class Editor {
  readonly spec: EditorSpec;
  readonly #options: EditorOptions;
  readonly #stopping = new AbortController();
  #phase: EditorPhase = 'waiting';
  #message: string | undefined = 'The container is being prepared.';
  #starts = 0;
  #port: number | undefined;
  #group: ProcessGroup | undefined;
  #running: Promise<void> | undefined;

  constructor(spec: EditorSpec, options: EditorOptions) {
    this.spec = spec;
    this.#options = options;
  }

  get state(): EditorState {
    const message = this.#message === undefined ? {} : { message: this.#message };
    return { name: this.spec.name, phase: this.#phase, restarts: Math.max(0, this.#starts - 1), ...message };
  }

  /** The loopback port on which the editor answers; undefined unless it is ready. */
  get port(): number | undefined {
    return this.#phase === 'ready' ? this.#port : undefined;
  }

  /** The loopback port that it was told to take, whether or not it answers there yet. */
  get assignedPort(): number | undefined {
    return this.#port;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the editor and everything in its process group; by force after the time given. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#group?.stop(graceMs);
    await this.#running;
  }

  async #run(): Promise<void> {
    let endsInARow = 0;
    while (!this.#isStopping()) {
      const { reason, steady } = await this.#runOnce(endsInARow).catch(notStarted);
      if (this.#isStopping()) return;
      endsInARow = steady ? 1 : endsInARow + 1;
      const delayMs = (this.#options.restartDelayMs ?? restartDelayMs)(endsInARow);
      this.#phase = endsInARow >= ENDS_TO_FAIL ? 'failed' : 'starting';
      this.#message = `${reason} It is started again in ${seconds(delayMs)}.`;
      this.#options.log(`${this.spec.name}: ${this.#message}`);
      await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** One start to its end. `steady` says that it was ready for long enough to forget earlier ends. */
  async #runOnce(endsBefore: number): Promise<Ended & { steady: boolean }> {
    const { basePath, home, env } = this.#options;
    const port = await freePort();
    if (this.#isStopping()) return { reason: 'It was stopped.', steady: false };
    const filled = fillIn(this.spec, { PORT: port, BASE_PATH: basePath, HOME: home });
    this.#port = port;
    this.#starts += 1;
    if (endsBefore < ENDS_TO_FAIL) {
      this.#phase = 'starting';
      this.#message = `${this.spec.title} is starting.`;
    }
    const group = new ProcessGroup({ command: filled.command, env: { ...env, ...filled.env } });
    this.#group = group;
    const over = new AbortController();
    const readySince = this.#awaitReady(port, filled.ready.path, over.signal);
    const ended = await group.ended;
    this.#group = undefined;
    over.abort();
    const since = await readySince;
    return { ...ended, steady: since !== undefined && Date.now() - since >= STEADY_MS };
  }

  /** Asks until the editor answers; returns when that was, or undefined if it ended before. */
  async #awaitReady(port: number, path: string, over: AbortSignal): Promise<number | undefined> {
    const signal = AbortSignal.any([over, this.#stopping.signal]);
    for (let pauseMs = FIRST_POLL_MS; !signal.aborted; pauseMs = Math.min(SLOWEST_POLL_MS, pauseMs * 1.5)) {
      if (await answers(port, path, signal)) {
        this.#phase = 'ready';
        this.#message = undefined;
        return Date.now();
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }
}

function notStarted(error: unknown): Ended & { steady: boolean } {
  const cause = error instanceof Error ? error.message : String(error);
  return { reason: `It could not be started: ${cause}.`, steady: false };
}

/** A port that is free on the loopback interface now. Another program could take it first; the next start takes another. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, LOOPBACK, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function answers(port: number, path: string, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { host: LOOPBACK, port, path, agent: false, timeout: POLL_TIMEOUT_MS, signal };
    const request = http.get(options, (answer) => {
      answer.resume();
      answer.on('error', () => undefined);
      resolve((answer.statusCode ?? 500) < 500);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

function seconds(ms: number): string {
  const whole = Math.round(ms / 1000);
  if (ms < 1000) return 'a moment';
  return whole === 1 ? '1 second' : `${whole} seconds`;
}
