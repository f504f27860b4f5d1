import { spawn } from 'node:child_process';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cli } from './connect.ts';
import { ping } from './ping.ts';
import { privateDirectory } from './privateDirectory.ts';

/** A cold machine under load took 20 s; nothing else can happen before. */
const START_TIMEOUT_MS = 60_000;

/** The API of Podman, served on a socket that only this hub uses. */
export interface PodmanService {
  /** Starts the service unless it answers; one that an earlier hub process left behind is adopted. */
  start(): Promise<void>;
  /** Ends the service, also an adopted one; containers go on. */
  stop(): Promise<void>;
}

/**
 * `podman system service` on `socket`. It gets a session of its own: Ctrl-C at the terminal must reach only the hub,
 * which still needs the engine to end cleanly.
 */
export function podmanService(socket: string, cli: Cli): PodmanService {
  const pidFile = `${socket}.pid`;
  let starting: Promise<void> | undefined;

  async function start(): Promise<void> {
    if ((await ping(socket)) !== undefined) return;
    await endProcess(pidFile, socket);
    await privateDirectory(dirname(socket));
    await rm(socket, { force: true });
    const log = await open(`${socket}.log`, 'w', 0o600);
    try {
      const child = spawn(cli.program, [...cli.args, 'system', 'service', '--time=0', `unix://${socket}`], {
        detached: true,
        // A container's monitor leaves an empty file `oom` in the directory it was started in when memory runs out.
        cwd: dirname(socket),
        stdio: ['ignore', log.fd, log.fd],
        env: withoutProxies({ ...process.env, ...cli.env }),
      });
      const failed = new Promise<never>((_, reject) => child.once('error', reject));
      failed.catch(() => undefined);
      child.unref();
      if (child.pid !== undefined) await writeFile(pidFile, `${child.pid}\n`, { mode: 0o600 });
      await Promise.race([failed, untilAnswers(socket, `${socket}.log`)]);
    } catch (error) {
      // Else the next start would leave a second service of the same socket behind.
      await endProcess(pidFile, socket);
      throw error;
    } finally {
      await log.close();
    }
  }

  return {
    start: () => (starting ??= start().finally(() => (starting = undefined))),
    stop: () => endProcess(pidFile, socket),
  };
}

async function untilAnswers(socket: string, logFile: string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if ((await ping(socket)) !== undefined) return;
    await sleep(50);
  }
  const log = (await readFile(logFile, 'utf8').catch(() => '')).trim().slice(-1000);
  throw new Error(`Podman's service did not start within ${START_TIMEOUT_MS / 1000} s. ${log}`.trim());
}

/** Ends the process of the pid file, only when it still is the service of this socket: process ids are used again. */
async function endProcess(pidFile: string, socket: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (pid > 1 && (await isService(pid, socket))) {
    process.kill(pid, 'SIGTERM');
    for (let tries = 0; tries < 100 && (await isService(pid, socket)); tries += 1) await sleep(50);
    if (await isService(pid, socket)) process.kill(pid, 'SIGKILL');
  }
  await Promise.all([rm(pidFile, { force: true }), rm(socket, { force: true })]);
}

async function isService(pid: number, socket: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.split('\0').includes(`unix://${socket}`);
}

/** Podman copies the service's proxy settings into containers; an address with a password in it must not get there. */
function withoutProxies(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/_proxy$/i.test(name)));
}
