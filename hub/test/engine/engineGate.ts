import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { ping } from '../../src/drivers/spawner/docker/ping.ts';
import type { HubProcess } from '../hubProcess.ts';
import { runDirectory } from '../testRun.ts';

/** Between one hub and its engine: shut, the engine takes calls of this hub and answers none. */
export interface EngineGate {
  /** Settings with which the hub goes through the gate. */
  env: Record<string, string>;
  shut(hub: HubProcess): void;
  open(hub: HubProcess): void;
  dispose(): Promise<void>;
}

const DOCKER = 'unix:///var/run/docker.sock';

/** Docker, which is everybody's, is reached through a socket of our own; a Podman service of the hub's own is stopped itself. */
export async function engineGate(): Promise<EngineGate> {
  const host = process.env['DOCKER_HOST'] ?? ((await ping(DOCKER.slice('unix://'.length))) ? DOCKER : undefined);
  return host === undefined ? ownPodman() : socketGate(host.slice('unix://'.length));
}

function ownPodman(): EngineGate {
  const signal = (hub: HubProcess, name: NodeJS.Signals): void => {
    // Its pid file lies beside the socket.
    process.kill(Number(readFileSync(join(hub.dataDir, 'run', 'engine', 'podman.sock.pid'), 'utf8')), name);
  };
  return {
    env: {},
    shut: (hub) => signal(hub, 'SIGSTOP'),
    open: (hub) => signal(hub, 'SIGCONT'),
    dispose: () => Promise.resolve(),
  };
}

async function socketGate(engine: string): Promise<EngineGate> {
  const directory = mkdtempSync(join(runDirectory(), 'davit-gate-'));
  const path = join(directory, 'engine.sock');
  const passing = new Set<Socket>();
  const waiting = new Set<Socket>();
  let isShut = false;
  const pass = (caller: Socket): void => {
    const callee = connect({ path: engine, allowHalfOpen: true });
    for (const [socket, other] of [
      [caller, callee],
      [callee, caller],
    ] as const) {
      passing.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        passing.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  };
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (caller) => {
    if (isShut) waiting.add(caller.on('error', () => caller.destroy()));
    else pass(caller);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    env: { DOCKER_HOST: `unix://${path}` },
    shut: () => {
      isShut = true;
      for (const socket of passing) socket.pause();
    },
    open: () => {
      isShut = false;
      for (const socket of passing) socket.resume();
      for (const caller of waiting) pass(caller);
      waiting.clear();
    },
    dispose: async () => {
      for (const socket of [...passing, ...waiting]) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
