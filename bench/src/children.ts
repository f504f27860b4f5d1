import { spawn, type ChildProcess } from 'node:child_process';
import net from 'node:net';
import type { AddressInfo } from 'node:net';

/** A process of the benchmark that listens on a loopback port. */
export interface Child {
  port: number;
  pid: number;
  stop(): Promise<void>;
}

/** What a program prints when it listens. */
interface Announcement {
  port: number;
  /** To be sent with each request. */
  headers: Record<string, string>;
}

/** Starts a Node program whose first line of output is an `Announcement` as JSON. */
export async function startAnnouncing(args: string[]): Promise<Child & Announcement> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      if (text.includes('\n')) resolve(text);
    });
    child.on('exit', (code) => reject(new Error(`${args.join(' ')} ended with status ${code}.`)));
  });
  const announcement = JSON.parse(line) as Announcement;
  return { ...running(child, announcement.port), headers: announcement.headers };
}

/** Starts a Node program that is told its port, and waits until it listens. */
export async function startListening(
  port: number,
  args: string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Child> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  const deadline = Date.now() + 20_000;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${args.join(' ')} does not listen.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return running(child, port);
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function running(child: ChildProcess, port: number): Child {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill();
    await ended;
  };
  return { port, pid: child.pid ?? 0, stop };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
