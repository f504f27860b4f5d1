import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Length of a tick of the CPU time in /proc; the same on every Linux. */
const TICK_US = 10_000;

/** Resident memory in bytes; undefined if there is no such process. */
export function residentBytes(pid: number | undefined): number | undefined {
  const text = pid === undefined ? undefined : read(`/proc/${pid}/status`);
  const match = text === undefined ? null : /^VmRSS:\s+(\d+) kB$/m.exec(text);
  return match === null ? undefined : Number(match[1]) * 1024;
}

/** CPU time used so far by all threads, in microseconds. */
export function cpuUs(pid: number | undefined): number {
  const fields = pid === undefined ? undefined : read(`/proc/${pid}/stat`)?.split(') ')[1]?.split(' ');
  return fields === undefined ? Number.NaN : (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

/** Open sockets, listening ones included. */
export function openSockets(pid: number | undefined): number {
  if (pid === undefined) return Number.NaN;
  const directory = `/proc/${pid}/fd`;
  return readdirSync(directory).filter((name) => isSocket(`${directory}/${name}`)).length;
}

/** Watches the highest resident memory until it is stopped. */
export function watchResident(pid: number | undefined): { stop: () => number | undefined } {
  let highest = residentBytes(pid);
  const look = (): void => {
    const bytes = residentBytes(pid);
    if (bytes !== undefined && bytes > (highest ?? 0)) highest = bytes;
  };
  const timer = setInterval(look, 50);
  const stop = (): number | undefined => {
    clearInterval(timer);
    look();
    return highest;
  };
  return { stop };
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    return false;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
