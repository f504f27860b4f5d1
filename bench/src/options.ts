import { parseArgs } from 'node:util';

/** What is measured, and against what. */
export interface Options {
  /** Names of benchmarks; all if empty. */
  names: string[];
  /** Rounds of each side, taken in turn. */
  rounds: number;
  /** Seconds of one round. */
  seconds: number;
  /** Bytes of one download or upload. */
  bytes: number;
  /** WebSockets that are opened and reset. */
  sockets: number;
  /** An own proxy that runs already: where the backend is found through it. Undefined starts one. */
  ours: { url: string; headers: Record<string, string>; pid: number | undefined } | undefined;
  /** Port of the backend on the loopback interface; 0 takes a free one. */
  backendPort: number;
}

export const USAGE = `Usage: npm run bench -- [options] [benchmark...]
  --rounds N        rounds of each side, in turn (5)
  --seconds N       seconds of a round (4)
  --megabytes N     size of a download and upload (1024)
  --sockets N       WebSockets opened and reset (2000)
  --ours URL        measure a proxy that runs already; the backend is found at this address through it
  --header 'A: b'   sent to that proxy; may be repeated
  --pid N           process of that proxy, for its memory and sockets
  --backend-port N  port of the backend, so that the proxy can be pointed at it beforehand`;

/** Reads the command line; throws an error that says what is wrong with it. */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      megabytes: { type: 'string', default: '1024' },
      sockets: { type: 'string', default: '2000' },
      ours: { type: 'string' },
      header: { type: 'string', multiple: true, default: [] },
      pid: { type: 'string' },
      'backend-port': { type: 'string', default: '0' },
    },
  });
  const headers = Object.fromEntries(values.header.map(readHeader));
  const pid = values.pid === undefined ? undefined : whole('pid', values.pid);
  return {
    names: positionals,
    rounds: whole('rounds', values.rounds),
    seconds: whole('seconds', values.seconds),
    bytes: whole('megabytes', values.megabytes) * 1024 * 1024,
    sockets: whole('sockets', values.sockets),
    ours: values.ours === undefined ? undefined : { url: withSlash(values.ours), headers, pid },
    backendPort: whole('backend-port', values['backend-port']),
  };
}

function readHeader(text: string): [string, string] {
  const colon = text.indexOf(':');
  if (colon < 1) throw new Error(`--header must be like 'name: value', not "${text}".`);
  return [text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim()];
}

function whole(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} must be a whole number, not "${text}".`);
  return Number(text);
}

function withSlash(url: string): string {
  if (!URL.canParse(url)) throw new Error(`--ours must be an address such as http://127.0.0.1:8000/, not "${url}".`);
  return url.endsWith('/') ? url : `${url}/`;
}
