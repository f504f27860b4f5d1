/** What the driver tells the agent through the environment. Nothing in it is secret. */
export interface Config {
  /** Names of the editors to start, in the order in which they are shown; empty for a command-line server. */
  editors: string[];
  /** Started beside the editors, as an admin set it for the image. */
  command: string[] | undefined;
  /** '' or '/s/<id>': what the hub's proxy leaves in front of every path. */
  basePath: string;
  /** The memory limit as the hub set it, if any; the control group's own word goes first. */
  memoryLimitBytes: number | undefined;
  host: string;
  port: number;
  /** Directory with `secret` and `go`, mounted read-only. */
  runDir: string;
  /** Directory with one description per editor. */
  editorsDir: string;
  home: string;
  /** Where the kernel shows this container's terminals. */
  terminalsDir: string;
  /** Milliseconds between two looks at what runs. */
  lookMs: number;
}

const EDITOR = /^[a-z0-9][a-z0-9-]{0,59}$/;
const HIGHEST_PORT = 65_535;
const SHORTEST_LOOK_MS = 500;
const BASE_PATH = /^(\/[a-z0-9][a-z0-9-]*)*$/;

/** Where things are unless a test says otherwise. */
const DEFAULTS = {
  DAVIT_EDITORS: '',
  DAVIT_COMMAND: '',
  DAVIT_BASE_PATH: '',
  MEM_LIMIT: '',
  DAVIT_AGENT_HOST: '0.0.0.0',
  DAVIT_AGENT_PORT: '7070',
  DAVIT_RUN_DIR: '/run/davit',
  DAVIT_EDITORS_DIR: '/opt/davit/editors',
  HOME: '/home/davit',
  DAVIT_AGENT_TERMINALS_DIR: '/dev/pts',
  DAVIT_AGENT_LOOK_MS: '15000',
};

/** Reads the environment; throws one error that names every bad value. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  const values = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) values[name] = env[name] ?? values[name];
  const editors = list(values.DAVIT_EDITORS);
  const command = words(values.DAVIT_COMMAND);
  const port = number(values.DAVIT_AGENT_PORT);
  const memoryLimitBytes = number(values.MEM_LIMIT);
  const lookMs = number(values.DAVIT_AGENT_LOOK_MS);
  const faults = editors
    .filter((name) => !EDITOR.test(name))
    .map((name) => `DAVIT_EDITORS: "${name}" is not the name of an editor`);
  const check = (good: boolean, fault: string): void => {
    if (!good) faults.push(fault);
  };
  check(
    BASE_PATH.test(values.DAVIT_BASE_PATH),
    'DAVIT_BASE_PATH: must be empty or like /s/<id>, without a slash at its end',
  );
  check(values.DAVIT_COMMAND === '' || command !== undefined, 'DAVIT_COMMAND: must be a JSON list of texts');
  check(port !== undefined && port <= HIGHEST_PORT, 'DAVIT_AGENT_PORT: must be a port number');
  check((lookMs ?? 0) >= SHORTEST_LOOK_MS, `DAVIT_AGENT_LOOK_MS: must be at least ${SHORTEST_LOOK_MS}`);
  check(values.MEM_LIMIT === '' || memoryLimitBytes !== undefined, 'MEM_LIMIT: must be a number of bytes');
  if (faults.length > 0) throw new Error(`The environment is not valid. ${faults.join('; ')}.`);
  return {
    editors,
    command,
    basePath: values.DAVIT_BASE_PATH,
    memoryLimitBytes,
    host: values.DAVIT_AGENT_HOST,
    port: port ?? 0,
    runDir: values.DAVIT_RUN_DIR,
    editorsDir: values.DAVIT_EDITORS_DIR,
    home: values.HOME,
    terminalsDir: values.DAVIT_AGENT_TERMINALS_DIR,
    lookMs: lookMs ?? 0,
  };
}

function list(text: string | undefined): string[] {
  const names = (text ?? '').split(',').map((name) => name.trim());
  return [...new Set(names.filter((name) => name !== ''))];
}

/** A program and its arguments as JSON. */
function words(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
