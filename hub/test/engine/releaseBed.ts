import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { WebSocket } from 'undici';
import type { Editor, ReleasePolicy, ReleaseState, Server } from '@davit/contract';
import { createAgentClient } from '../../src/domains/servers/agentClient.ts';
import type { AgentClient, ServersDomain } from '../../src/domains/servers/index.ts';
import { ImageBuilder } from '../../src/drivers/images/index.ts';
import { createTestDatabase } from '../database.ts';
import { createWorld, FakeImages, type World } from '../servers/harness.ts';
import { dockerHarness, type DockerHarness } from './dockerHarness.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The agent looks so often; work counts for some looks, so tests need not wait for minutes. */
const LOOK_MS = 1500;
/** A person has left after so long without input. */
export const LEFT_AFTER_MS = 15_000;
/** A stand-in for the card's own program, which says what a file tells. */
const FAKE_CARD = `#!/bin/sh\\necho "$(cat /tmp/gpu-percent 2>/dev/null || echo 0), 100"\\n`;

/** Answers any request, and accepts any socket without ever saying a word. */
const APP = `const { createHash } = require('node:crypto');
const server = require('node:http').createServer((_, answer) => answer.end('hello'));
server.on('upgrade', (request, socket) => {
  const key = request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  const accept = createHash('sha1').update(key).digest('base64');
  const lines = ['HTTP/1.1 101 x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Accept: ' + accept];
  socket.write(lines.join('\\r\\n') + '\\r\\n\\r\\n');
});
server.listen(Number(process.argv[2]), '127.0.0.1');`;

/** Images of this checkout with an agent that looks often and a card that is not there. */
class QuickImages extends FakeImages {
  readonly #harness: DockerHarness;
  readonly #builder: ImageBuilder;

  constructor(harness: DockerHarness, builder: ImageBuilder) {
    super();
    this.#harness = harness;
    this.#builder = builder;
    for (const editor of ['code-server', 'desktop'] as Editor[]) this.add(`img-${editor}`, editor, [editor]);
  }

  override async ensureImage(id: string) {
    const name = this.images.get(id)?.name ?? '';
    const { ref } = await this.#builder.ensure(name);
    const { cli, client } = this.#harness.engine;
    const directory = await mkdtemp(join(tmpdir(), 'davit-quick-'));
    const lines = [
      `FROM ${ref}`,
      'USER 0',
      `RUN printf '${FAKE_CARD}' > /usr/local/bin/nvidia-smi && chmod 755 /usr/local/bin/nvidia-smi`,
      'USER 1000',
      `ENV DAVIT_AGENT_LOOK_MS=${LOOK_MS}`,
    ];
    await writeFile(join(directory, 'Dockerfile'), lines.join('\n'));
    const quick = `localhost/davit-test/quick-${name}:release`;
    const args = [...cli.args, 'build', '--tag', quick, directory];
    await run(cli.program, args, { env: { ...process.env, ...cli.env } });
    await rm(directory, { recursive: true });
    const { Id } = await client.getImage(quick).inspect();
    return { ref: quick, digest: Id.startsWith('sha256:') ? Id : `sha256:${Id}`, sizeBytes: 1 };
  }
}

/** A hub's servers on the real engine with real editors, in a world whose people and settings the test sets. */
export interface ReleaseBed {
  world: World;
  harness: DockerHarness;
  saving: Set<string>;
  hub: ServersDomain;
  /** Milliseconds by which the hub's clock is ahead. */
  ahead: number;
  /** When it was last restarted, ISO 8601. */
  restartedAt: string;
  restart(): Promise<void>;
  start(imageId: string, policy?: ReleasePolicy): Promise<RealServer>;
  dispose(): Promise<void>;
}

/** Asks real agents. A world ends all hubs that it ever had, also those that were restarted before. */
function client(): AgentClient {
  const real = createAgentClient();
  let disposed: Promise<void> | undefined;
  return { ...real, dispose: () => (disposed ??= real.dispose()) };
}

const TIMING = { tick: 1000, live: { starting: 200, partly: 400, running: 600, watched: 600 } };

export async function releaseBed(): Promise<ReleaseBed> {
  const harness = await dockerHarness();
  const workDir = join(harness.dataDir, 'run', 'images');
  const builder = await ImageBuilder.create({ engine: harness.engine.cli, imagesDir: join(ROOT, 'images'), workDir });
  const database = await createTestDatabase();
  const world = createWorld(database.db);
  world.release.leftAfterMinutes = LEFT_AFTER_MS / 60_000;
  const ada = world.people.people.get(world.ada.userId)!;
  ada.role = 'admin';
  ada.quota = { servers: 9, cpu: 32, memoryMb: 65_536, gpu: 0 };
  const saving = new Set<string>();
  const images = new QuickImages(harness, builder);
  const make = (): ServersDomain =>
    world.hub({
      spawner: harness.spawner,
      images,
      clock: { now: () => new Date(Date.now() + bed.ahead) },
      agentClient: client(),
      timing: TIMING,
      capacity: { cpuOvercommit: 32 },
      saving: () => Promise.resolve(saving),
    });
  const bed: ReleaseBed = {
    world,
    harness,
    saving,
    ahead: 0,
    restartedAt: '',
    hub: undefined as unknown as ServersDomain,
    restart: async () => {
      bed.restartedAt = new Date().toISOString();
      await bed.hub.stop();
      bed.hub = make();
      await bed.hub.start();
    },
    start: async (imageId, releasePolicy = '24h') => {
      const resources = { cpu: 1, memoryMb: 1024, gpu: 0 };
      const body = { name: `${imageId} ${Date.now()}`, imageId, resources, start: true, releasePolicy };
      const server = new RealServer(bed, (await bed.hub.service.create(world.ada, body)).id);
      await server.until((now) => now.phase === 'running' && now.readyEditors.length === now.editors.length, 300_000);
      return server;
    },
    dispose: async () => {
      await world.end();
      await database.drop();
      await harness.dispose();
    },
  };
  bed.hub = make();
  await bed.hub.start();
  return bed;
}

/** One server, from the outside (through its agent) and from the inside. */
export class RealServer {
  readonly #bed: ReleaseBed;
  readonly id: string;
  readonly #sockets = new Set<WebSocket>();

  constructor(bed: ReleaseBed, id: string) {
    this.#bed = bed;
    this.id = id;
  }

  get(): Promise<Server> {
    return this.#bed.hub.service.get(this.#bed.world.ada, this.id);
  }

  /** Waits until the server is so; the error tells how it was instead. */
  async until(condition: (server: Server) => boolean, timeoutMs = 60_000): Promise<Server> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const server = await this.get();
      if (condition(server)) return server;
      if (Date.now() > deadline) throw new Error(`it did not come true: ${JSON.stringify(server, undefined, 1)}`);
      await sleep(250);
    }
  }

  /** Tries until it holds. */
  async eventually(holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!(await holds().catch(() => false))) {
      if (Date.now() > deadline) throw new Error('it did not come true');
      await sleep(250);
    }
  }

  /** Waits for a reason. */
  async untilBecause(code: ReleaseState['because']['code'], timeoutMs = 60_000): Promise<ReleaseState> {
    const { release } = await this.until((server) => server.release?.because.code === code, timeoutMs);
    return release!;
  }

  /** Waits until what is expected of its release holds; the error is that of the last look. */
  async untilRelease(holds: (state: ReleaseState) => void, timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const { release } = await this.get();
      try {
        if (release === null) throw new Error('it does not run');
        holds(release);
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
      await sleep(250);
    }
  }

  get origin(): string {
    const endpoint = this.#bed.hub.targets.find(this.id)?.endpoint;
    return `${endpoint?.host ?? ''}:${endpoint?.port ?? 0}`;
  }

  get secret(): Record<string, string> {
    return { 'x-davit-secret': this.#bed.hub.targets.find(this.id)?.secret ?? '' };
  }

  request(path: string, init: { method?: string; headers?: Record<string, string>; body?: string } = {}) {
    return fetch(`http://${this.origin}${path}`, { ...init, headers: { ...this.secret, ...init.headers } });
  }

  /** What a browser's address bar does. */
  async visit(path: string): Promise<void> {
    // fetch() may not send `sec-` headers; the agent's other caller is the proxy, which passes them on.
    await run('curl', ['-s', '-o', '/dev/null', ...this.#curlHeaders(), `http://${this.origin}${path}`]);
  }

  #curlHeaders(): string[] {
    const headers = { ...this.secret, 'sec-fetch-mode': 'navigate', 'sec-fetch-user': '?1' };
    return Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  }

  /** Opens a socket of a page. */
  async page(path: string, protocols: string[] = []): Promise<WebSocket> {
    const socket = new WebSocket(`ws://${this.origin}${path}`, { protocols, headers: this.secret });
    socket.binaryType = 'arraybuffer';
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error(`no socket at ${path}`));
    });
    this.#sockets.add(socket);
    return socket;
  }

  closePages(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets.clear();
  }

  /** A page in a process of its own, which can be killed. */
  async pageProcess(path: string): Promise<ChildProcess> {
    const script = `const { WebSocket } = await import('undici');
      const socket = new WebSocket('ws://${this.origin}${path}', { headers: ${JSON.stringify(this.secret)} });
      socket.onopen = () => console.log('open'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT, stdio: 'pipe' });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    return child;
  }

  get ref() {
    return this.#bed.harness.spawner
      .list(AbortSignal.timeout(20_000))
      .then((all) => all.find(({ ref }) => ref.serverId === this.id)!.ref);
  }

  /** Runs JavaScript in the container. */
  async inside(script: string): Promise<string> {
    return (await this.#bed.harness.inside(await this.ref, script)).output;
  }

  /** Starts a shell command in the container that goes on by itself. */
  async background(command: string): Promise<void> {
    const args = JSON.stringify(['-c', command]);
    await this.inside(
      `require('node:child_process').spawn('sh', ${args}, { detached: true, stdio: 'ignore' }).unref()`,
    );
  }

  /** Runs a command on a terminal of its own, as an editor's terminal does. */
  terminal(command: string): Promise<void> {
    return this.background(
      `exec python3 -c 'import pty,sys; pty.spawn(["sh","-c",sys.argv[1]], lambda fd: __import__("os").read(fd,999))' '${command}'`,
    );
  }

  /** Ends everything that background() and terminal() started, by a word in its command line. */
  async end(word: string): Promise<void> {
    await this.inside(`const mine = String(process.pid);
      for (const pid of fs.readdirSync('/proc').filter((name) => Number(name) > 1 && name !== mine)) {
        try {
          if (fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').includes(${JSON.stringify(word)})) process.kill(Number(pid), 'SIGKILL');
        } catch {}
      }`);
  }

  /** An app of the person, which answers requests and takes sockets; resolves after the first request. */
  async serveApp(port: number): Promise<void> {
    await this.inside(`fs.writeFileSync('/tmp/app.cjs', ${JSON.stringify(APP)});
      require('node:child_process').spawn(process.execPath, ['/tmp/app.cjs', '${port}'], { detached: true, stdio: 'ignore' }).unref()`);
    await this.eventually(async () => (await this.request(`/port/${port}/`)).status === 200);
  }

  /** Sends a signal to the agent alone. */
  async signalAgent(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    await this
      .inside(`const isAgent = (pid) => fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0').some((part) => part.startsWith('/opt/davit/agent.'));
      for (const pid of fs.readdirSync('/proc')) if (Number(pid) > 1 && isAgent(pid)) process.kill(Number(pid), '${signal}');`);
  }

  /** A kernel of JupyterLab, used as its pages do. */
  async kernel(): Promise<Kernel> {
    const page = await this.request('/jupyterlab/lab');
    const cookie = page.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    const xsrf = /_xsrf=([^;]+)/.exec(cookie)?.[1] ?? '';
    const headers = { cookie, 'x-xsrftoken': xsrf, 'content-type': 'application/json' };
    const post = (path: string) => this.request(`/jupyterlab/api/${path}`, { method: 'POST', headers, body: '{}' });
    const { id } = (await (await post('kernels')).json()) as { id: string };
    return new Kernel(this, id, (action) => post(`kernels/${id}/${action}`));
  }
}

/** A kernel: cells are sent through a socket that is closed at once unless it is to stay. */
export class Kernel {
  readonly #server: RealServer;
  readonly #id: string;
  readonly #post: (action: string) => Promise<unknown>;

  constructor(server: RealServer, id: string, post: (action: string) => Promise<unknown>) {
    this.#server = server;
    this.#id = id;
    this.#post = post;
  }

  /** A page that shows the kernel. */
  page(): Promise<WebSocket> {
    return this.#server.page(`/jupyterlab/api/kernels/${this.#id}/channels`);
  }

  /** Runs a cell and closes the page as soon as the cell runs. */
  async run(code: string): Promise<void> {
    const socket = await this.page();
    const busy = new Promise((resolve) => {
      socket.onmessage = ({ data }) => {
        if (typeof data === 'string' && data.includes('"execute_input"')) resolve(undefined);
      };
    });
    socket.send(JSON.stringify(executeRequest(code)));
    await busy;
    this.#server.closePages();
  }

  interrupt(): Promise<unknown> {
    return this.#post('interrupt');
  }

  restart(): Promise<unknown> {
    return this.#post('restart');
  }
}

function executeRequest(code: string): object {
  const session = 'release-test';
  const header = { msg_id: `cell-${Date.now()}`, msg_type: 'execute_request', session, username: '', version: '5.3' };
  const content = { code, silent: false, store_history: false, user_expressions: {}, stop_on_error: false };
  const rest = { parent_header: {}, metadata: {}, buffers: [], channel: 'shell' };
  return { header: { ...header, date: new Date().toISOString() }, content, ...rest };
}

/** Speaks RFB until the desktop is shown, and gives back how to move the pointer and how to ask for a picture. */
export async function viewDesktop(server: RealServer): Promise<{ move: () => void; look: () => void }> {
  const socket = await server.page('/desktop/websockify', ['binary']);
  const messages: Buffer[] = [];
  let heard = (): void => undefined;
  socket.onmessage = ({ data }) => {
    messages.push(Buffer.from(data as ArrayBuffer));
    heard();
  };
  const next = async (): Promise<Buffer> => {
    while (messages.length === 0) await new Promise<void>((resolve) => (heard = resolve));
    return messages.shift()!;
  };
  await next();
  socket.send(Buffer.from('RFB 003.008\n'));
  await next();
  socket.send(Buffer.from([1]));
  await next();
  socket.send(Buffer.from([1]));
  await next();
  return {
    move: () => socket.send(Buffer.from([5, 0, 0, 50, 0, 60])),
    look: () => socket.send(Buffer.from([3, 1, 0, 0, 0, 0, 4, 0, 3, 0])),
  };
}
