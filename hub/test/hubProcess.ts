import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createDatabase } from './database.ts';
import { removeInstance } from './hubServers.ts';
import { runDirectory } from './testRun.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const ADMIN = { name: 'admin', password: 'correct horse battery' };

/** A real hub as a process of its own, with a data directory of its own, that tests may kill and start again. */
export class HubProcess {
  readonly dataDir: string;
  readonly port: number;
  readonly env: Record<string, string>;
  output = '';
  #child: ChildProcess | undefined;
  #instance: string | undefined;
  #database: { drop: () => Promise<void> } | undefined;

  private constructor(dataDir: string, port: number, env: Record<string, string>) {
    this.dataDir = dataDir;
    this.port = port;
    this.env = env;
  }

  /**
   * Prepares and starts a hub; `env` adds settings. Its database is in the run's PostgreSQL where there is one, unless
   * `DATABASE_URL` says another: empty for a PostgreSQL of its own.
   */
  static async start(env: Record<string, string> = {}, port?: number): Promise<HubProcess> {
    const dataDir = mkdtempSync(join(runDirectory(), 'davit-hub-'));
    chmodSync(dataDir, 0o755);
    const passwordFile = join(dataDir, 'admin-password');
    writeFileSync(passwordFile, ADMIN.password, { mode: 0o600 });
    const isShared = env['DATABASE_URL'] === undefined && process.env['DAVIT_TEST_DATABASE_URL'] !== undefined;
    const database = isShared ? await createDatabase() : undefined;
    const hub = new HubProcess(dataDir, port ?? (await freePort()), {
      ...(database === undefined ? {} : { DATABASE_URL: database.url }),
      DAVIT_DATA_DIR: dataDir,
      DAVIT_ADMIN_NAME: ADMIN.name,
      DAVIT_ADMIN_PASSWORD_FILE: passwordFile,
      ...env,
    });
    hub.#database = database;
    await hub.launch().catch(async (error: unknown) => {
      await hub.dispose();
      throw error;
    });
    return hub;
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  /** The address that Node can resolve too; the hub is told apart by the Host header. */
  get loopback(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the process and waits until it says that it is ready. */
  async launch(): Promise<void> {
    const child = this.#spawn();
    this.#child = child;
    writeFileSync(join(this.dataDir, 'hub.pid'), `${child.pid}\n`);
    const keep = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString()).slice(-200_000);
      this.#instance ??= this.#findInstance();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const deadline = Date.now() + 180_000;
    while (!(await this.ready())) {
      if (child.exitCode !== null || Date.now() > deadline)
        throw new Error(`the hub did not become ready:\n${this.output}`);
      await sleep(100);
    }
  }

  /** Starts one more process with the same settings but for `env`, which has to end by itself; what it said, and its code. */
  async launchAnother(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
    const child = this.#spawn(env);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, output };
  }

  #spawn(changes: Record<string, string> = {}): ChildProcessByStdio<null, Readable, Readable> {
    const env = { ...process.env, DAVIT_PORT: String(this.port), ...this.env, ...changes };
    const node = join(ROOT, 'node_modules', '.bin', 'node');
    return spawn(node, ['--disable-warning=ExperimentalWarning', 'scripts/hub.mjs'], {
      cwd: ROOT,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** The host by which browsers know the hub; another than its own where several share one address. */
  get host(): string {
    return new URL(this.env['DAVIT_PUBLIC_URL'] ?? this.url).host;
  }

  /** Asks this very process, as a proxy in front does: fetch() itself would send the host that it connects to. */
  fetch(path: string, { host = this.host, ...init }: RequestInit & { host?: string } = {}): Promise<Response> {
    return new Promise((resolve, reject) => {
      const headers = { ...Object.fromEntries(new Headers(init.headers)), host };
      const options = { host: '127.0.0.1', port: this.port, path, method: init.method, headers, agent: false } as const;
      const asked = request({ ...options, timeout: 20_000 }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          const body = [204, 304].includes(status) ? null : Buffer.concat(chunks);
          resolve(new Response(body, { status, headers: pairsOf(response.rawHeaders) }));
        });
      });
      asked.on('timeout', () => asked.destroy(new Error(`no answer from ${path}`)));
      asked.on('error', reject);
      asked.end(init.body);
    });
  }

  async ready(): Promise<boolean> {
    return (await this.fetch('/readyz').catch(() => undefined))?.status === 200;
  }

  /** Ends the process with a signal and waits for it; SIGKILL leaves PostgreSQL and containers behind, as a crash does. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill(signal);
    return ended;
  }

  /** Stops the process where it is, as a frozen machine does. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  continue(): void {
    this.#child?.kill('SIGCONT');
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Ends the hub in order and removes its data and what it has in the engine. */
  async dispose(): Promise<void> {
    await this.kill('SIGTERM');
    if (this.#instance !== undefined) await removeInstance(this.#instance);
    await this.#database?.drop();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Written down too, so that what it has in the engine is removed when the tests are killed. */
  #findInstance(): string | undefined {
    const found = /"instance":"([a-z0-9]{12})"/.exec(this.output)?.[1];
    if (found !== undefined) writeFileSync(join(this.dataDir, 'instance'), found);
    return found;
  }
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []));
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
