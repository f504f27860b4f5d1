import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AGENT_PORT, SpawnRefused, type ServerRef, type ServerSpec } from '../../domains/servers/spawner.ts';
import { eventually, testSpec, type SpawnerHarness, type SpawnerTraits } from './conformance.ts';

/** What drivers of real containers give besides: a look from inside, and what must not be seen from there. */
export interface ContainerHarness extends SpawnerHarness {
  /** Runs JavaScript in the container as its user, with Node's modules at hand and `print(value)` for the result. */
  inside(ref: ServerRef, script: string): Promise<{ code: number; output: string }>;
  /** All that the engine tells of a container. */
  inspect(ref: ServerRef): Promise<string>;
  /** Port of the hub's listener for calls from inside. */
  apiPort: number;
  /** Address of the hub's listener for calls from inside, known once a container runs. */
  gateway(): Promise<string>;
  /** Paths of this machine that no container may see: the engine's socket, the hub's data. */
  hidden: readonly string[];
  /** Reference of an image that does not exist, where images come from. */
  goneImage: string;
  /** Rights and owner of the secret and the token as files. */
  secretFile: { mode: number; uid: number };
  tokenFile: { mode: number; uid: number };
}

/** What engines do differently with containers, told beforehand. */
export interface ContainerTraits extends SpawnerTraits {
  /** How many processes a container may have; undefined where that is the machine's setting and not the container's. */
  processes: number | undefined;
  /** Whether the engine itself keeps containers from each other; where not, the cluster's network must. */
  isolates: boolean;
}

const CALL_MS = 60_000;
const signal = () => AbortSignal.timeout(CALL_MS);

/** What a container must be like from inside; run on every driver of real containers. */
export function describeContainerConformance(
  name: string,
  factory: () => Promise<ContainerHarness>,
  { tokens, processes, isolates }: ContainerTraits,
): void {
  describe(`${name}, seen from inside a container`, () => {
    let harness: ContainerHarness;
    beforeAll(async () => {
      harness = await factory();
    }, CALL_MS);
    afterEach(() => harness.clear(), CALL_MS);
    afterAll(() => harness.dispose(), CALL_MS);

    const start = async (changes?: Partial<ServerSpec>) => {
      const spec = testSpec(harness.image, changes);
      const ref = await harness.spawner.ensure(spec, signal());
      return { spec, ref };
    };
    const json = async (ref: ServerRef, script: string): Promise<unknown> => {
      const { code, output } = await harness.inside(ref, script);
      if (code !== 0) throw new Error(output);
      return JSON.parse(output);
    };

    describe('limits', () => {
      it('runs as user 1000 without capabilities or a way to new ones, under the engine’s system call filter', async () => {
        const { ref } = await start();
        const status = (await json(
          ref,
          `print(Object.fromEntries(fs.readFileSync('/proc/1/status', 'utf8').split('\\n').map((line) => line.split(/:\\s+/))))`,
        )) as Record<string, string>;
        expect(status).toMatchObject({
          Uid: '1000\t1000\t1000\t1000',
          Gid: '1000\t1000\t1000\t1000',
          NoNewPrivs: '1',
          Seccomp: '2',
        });
        for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) expect(status[set]).toBe('0'.repeat(16));
      });

      it('lets programs become root inside where an admin allows sudo, without raw packets and devices', async () => {
        const { ref } = await start({ launch: { sudo: true, environment: {}, command: undefined } });
        const found = (await json(
          ref,
          `print(fs.readFileSync('/proc/1/status', 'utf8').split('\\n').filter((line) => /^(Uid|NoNewPrivs|Cap(Eff|Bnd)|Seccomp):/.test(line)))`,
        )) as string[];
        const status = Object.fromEntries(found.map((line) => line.split(/:\s+/) as [string, string]));
        expect(status).toMatchObject({
          Uid: '1000\t1000\t1000\t1000',
          NoNewPrivs: '0',
          Seccomp: '2',
          CapEff: '0'.repeat(16),
        });
        const bound = BigInt(`0x${status['CapBnd'] ?? ''}`);
        const has = (capability: bigint) => (bound >> capability) % 2n === 1n;
        // CHOWN, SETUID and SETGID; NET_RAW, SYS_ADMIN and MKNOD (linux/capability.h).
        expect([0n, 6n, 7n, 13n, 21n, 27n].map(has)).toEqual([true, true, true, false, false, false]);
      });

      it('limits memory, swap, CPU and the number of processes', async () => {
        const { ref } = await start({ resources: { cpu: 0.5, memoryMb: 200, gpu: 0 } });
        const limits = await json(
          ref,
          `const read = (...paths) => paths.map((path) => { try { return fs.readFileSync('/sys/fs/cgroup/' + path, 'utf8').trim(); } catch {} }).find(Boolean);
           const quota = read('cpu.max') ?? read('cpu/cpu.cfs_quota_us', 'cpu,cpuacct/cpu.cfs_quota_us') + ' ' + read('cpu/cpu.cfs_period_us', 'cpu,cpuacct/cpu.cfs_period_us');
           print({ memory: read('memory.max', 'memory/memory.limit_in_bytes'), pids: read('pids.max', 'pids/pids.max'),
             cpu: eval(quota.replace(' ', '/')) })`,
        );
        expect(limits).toEqual({
          memory: String(200 * 1024 * 1024),
          pids: String(processes ?? 'max'),
          cpu: 0.5,
        });
      });

      if (processes !== undefined)
        it('survives a fork bomb: processes above the limit are not made', async () => {
          const { ref } = await start();
          const failed = await json(
            ref,
            `const { spawn } = require('node:child_process');
           const children = Array.from({ length: 150 }, () => spawn('/opt/davit/bin/node', ['-e', 'setTimeout(() => {}, 20000)'], { stdio: 'ignore' }));
           let failed = 0; for (const child of children) child.on('error', () => { failed += 1; });
           setTimeout(() => { for (const child of children) child.kill('SIGKILL'); print(failed); }, 500)`,
          );
          expect(failed).toBeGreaterThan(50);
          expect(await harness.spawner.list(signal())).toEqual([expect.objectContaining({ ref, state: 'running' })]);
        });

      it('ends within its grace even when the first process ignores the end, and lists meanwhile', async () => {
        const { ref } = await start();
        await harness.ready(ref);
        await json(ref, `process.kill(1, 'SIGUSR2'); print(true)`);
        const began = performance.now();
        const removed = harness.spawner.remove(ref, signal());
        await harness.spawner.list(signal());
        expect(performance.now() - began).toBeLessThan(9_000);
        await removed;
        expect(performance.now() - began).toBeLessThan(20_000);
        expect(await harness.spawner.list(signal())).toEqual([]);
      });
    });

    describe('files', () => {
      const WRITE = `const tryTo = (path) => { try { fs.writeFileSync(path + '/probe', 'x'); return 'written'; } catch (error) { return error.code; } };`;

      it('mounts each source: own files writable, public and shared ones read-only', async () => {
        const { ref } = await start({ sources: ['default', 'extra'] });
        const result = await json(
          ref,
          `${WRITE} print(['private', 'public', 'share'].flatMap((kind) => ['default', 'extra'].map((source) => kind + '/' + source + ' ' + tryTo('/data/' + kind + '/' + source))))`,
        );
        expect(result).toEqual([
          'private/default written',
          'private/extra written',
          'public/default EROFS',
          'public/extra EROFS',
          'share/default EROFS',
          'share/extra EROFS',
        ]);
      });

      it('lets admins’ servers write public and shared files, which others then read', async () => {
        const [{ ref: admin }, { ref: user }] = await Promise.all([start({ sharedWritable: true }), start()]);
        expect(
          await json(admin, `${WRITE} print([tryTo('/data/public/default'), tryTo('/data/share/default')])`),
        ).toEqual(['written', 'written']);
        const read = `print(['public', 'share'].map((kind) => fs.readFileSync('/data/' + kind + '/default/probe', 'utf8')))`;
        expect(await json(user, read)).toEqual(['x', 'x']);
      });

      it('keeps a user’s files over containers, and from other users', async () => {
        const { spec, ref } = await start();
        await json(ref, `fs.writeFileSync('/data/private/default/kept', 'mine'); print(true)`);
        await harness.ready(ref);
        await harness.spawner.remove(ref, signal());
        const again = await harness.spawner.ensure({ ...spec, generation: 2 }, signal());
        const { ref: stranger } = await start();
        const read = `print(fs.existsSync('/data/private/default/kept') ? fs.readFileSync('/data/private/default/kept', 'utf8') : 'absent')`;
        expect((await harness.inside(again, read)).output).toBe('mine');
        expect((await harness.inside(stranger, read)).output).toBe('absent');
      });

      it('hides the engine’s socket, the hub’s data and its database’s sockets', async () => {
        const { ref } = await start();
        const paths = [...harness.hidden, '/run/postgresql', '/tmp/.s.PGSQL.5432'];
        expect(await json(ref, `print(${JSON.stringify(paths)}.filter((path) => fs.existsSync(path)))`)).toEqual([]);
      });
    });

    it('starts with the environment and the command that an admin set, letter by letter', async () => {
      const environment = { GREETING: `$(HOME) $HOME "two words" 'x'`, EMPTY: '' };
      const command = ['tool', '--log=my runs', '$(DAVIT_SERVER_ID)', '"'];
      const { spec, ref } = await start({ launch: { sudo: false, environment, command } });
      const found = await json(
        ref,
        `const { GREETING, EMPTY, DAVIT_COMMAND, DAVIT_SERVER_ID } = process.env; print([GREETING, EMPTY, JSON.parse(DAVIT_COMMAND), DAVIT_SERVER_ID])`,
      );
      expect(found).toEqual([environment.GREETING, '', command, spec.serverId]);
    });

    describe('secrets', () => {
      it('are files in memory that the user alone reads and nobody writes', async () => {
        const { spec, ref } = await start();
        const found = await json(
          ref,
          `const read = (name) => { const stat = fs.statSync('/run/davit/' + name); return [fs.readFileSync('/run/davit/' + name, 'utf8'), stat.mode & 0o777, stat.uid]; };
           let written = 'written'; try { fs.writeFileSync('/run/davit/own', ''); } catch (error) { written = error.code; }
           print({ secret: read('secret'), token: read('token'), go: fs.existsSync('/run/davit/go'), type: fs.statfsSync('/run/davit').type, written })`,
        );
        expect(found).toEqual({
          secret: [spec.secret, harness.secretFile.mode, harness.secretFile.uid],
          token: [tokens === 'hub' ? spec.token : expect.any(String), harness.tokenFile.mode, harness.tokenFile.uid],
          go: true,
          type: 0x01021994,
          written: 'EROFS',
        });
      });

      it('are nowhere in what the engine tells, nor in the environment', async () => {
        const { spec, ref } = await start();
        const environment = await harness.inside(ref, `print(fs.readFileSync('/proc/1/environ', 'utf8'))`);
        const told = (await harness.inspect(ref)) + environment.output;
        expect(told).toContain(spec.serverId);
        expect(told).not.toContain(spec.secret);
        expect(told).not.toContain(spec.token);
      });

      if (tokens === 'hub')
        it('can be replaced while the container runs', async () => {
          const { spec, ref } = await start();
          expect(await harness.spawner.ensure({ ...spec, token: 'davit_new' }, signal())).toEqual(ref);
          expect((await harness.inside(ref, `print(fs.readFileSync('/run/davit/token', 'utf8'))`)).output).toBe(
            'davit_new',
          );
        });
    });

    describe('network', () => {
      const GET = `const get = (host, port) => new Promise((resolve) => {
        const call = require('node:http').get({ host, port, timeout: 3000 }, (response) => {
          let text = ''; response.on('data', (data) => { text += data; }).on('end', () => resolve(text)); });
        call.on('timeout', () => call.destroy()).on('error', () => resolve('nothing')); });`;
      const ADDRESSES = `print(Object.entries(require('node:os').networkInterfaces()).flatMap(([name, all]) =>
        all.filter((one) => !one.internal).map((one) => one.address + (one.scopeid ? '%' + name : ''))))`;

      it('lets the hub reach the agent, which asks for the secret', async () => {
        const { spec, ref } = await start();
        const endpoint = await harness.spawner.endpoint(ref, AGENT_PORT, signal());
        const url = `http://${endpoint?.host}:${endpoint?.port}/`;
        const headers = { 'x-davit-secret': spec.secret };
        const answer = await eventually(() => fetch(url, { headers }).catch(() => undefined));
        expect(await answer.text()).toBe('test agent');
        expect((await fetch(url)).status).toBe(403);
      });

      if (!isolates)
        it('asks whoever reaches the agent for its secret, from another container too', async () => {
          const [{ ref: a }, { spec, ref: b }] = await Promise.all([start(), start()]);
          const endpoint = await harness.spawner.endpoint(b, AGENT_PORT, signal());
          await harness.ready(b);
          const ask = (secret: string) =>
            json(
              a,
              `fetch('http://${endpoint?.host}:${endpoint?.port}/', { headers: { 'x-davit-secret': '${secret}' } })
                .then(async (answer) => print([answer.status, await answer.text()]))`,
            );
          const mine = (await harness.inside(a, `print(fs.readFileSync('/run/davit/secret', 'utf8'))`)).output;
          for (const secret of ['', mine, 'x'.repeat(spec.secret.length)]) expect(await ask(secret)).toEqual([403, '']);
          expect(await ask(spec.secret)).toEqual([200, 'test agent']);
        });

      if (isolates)
        it('keeps containers from each other on every port and address, and from those of another hub', async () => {
          const [{ ref: a }, { ref: b }] = await Promise.all([start(), start()]);
          const c = await harness.other.ensure(testSpec(harness.image), signal());
          const addresses = (await json(a, ADDRESSES)) as string[];
          expect(addresses.length).toBeGreaterThan(0);
          const serving = harness.inside(
            a,
            `require('node:http').createServer((q, s) => s.end('content')).listen(5000, '::')`,
          );
          const ask = `${GET} Promise.all(${JSON.stringify(addresses)}.map((address) => get(address, 5000))).then(print)`;
          await eventually(async () => {
            const answers = (await json(a, ask)) as string[];
            return answers.every((answer) => answer === 'content') ? true : undefined;
          });
          const nothing = addresses.map(() => 'nothing');
          expect(await Promise.all([b, c].map((other) => json(other, ask)))).toEqual([nothing, nothing]);
          // It serves as long as its container lives.
          await harness.clear();
          await serving;
        });

      it('reaches the hub’s listener at DAVIT_API_URL, and nothing that listens on the machine’s loopback', async () => {
        const { ref } = await start();
        const gateway = await harness.gateway();
        const hub = await listen(gateway, harness.apiPort, 'the hub');
        const loopback = await listen('127.0.0.1', 0, 'loopback');
        try {
          const { port } = loopback.address() as AddressInfo;
          const answers = await json(
            ref,
            `${GET} const api = new URL(process.env.DAVIT_API_URL);
             Promise.all([get(api.hostname, api.port), get('127.0.0.1', ${port}), get('${gateway}', ${port})]).then(print)`,
          );
          expect(answers).toEqual(['the hub', 'nothing', 'nothing']);
          const name = await json(ref, `print([process.env.DAVIT_API_URL, require('node:os').hostname()])`);
          expect(name).toEqual([`http://${gateway}:${harness.apiPort}`, ref.serverId]);
        } finally {
          hub.close();
          loopback.close();
        }
      });
    });

    it('refuses an image that is not there, in words for a person', async () => {
      const spec = testSpec({ ref: harness.goneImage, digest: `sha256:${'0'.repeat(64)}` });
      const refusal = harness.spawner.ensure(spec, signal());
      await expect(refusal).rejects.toThrow(SpawnRefused);
      await expect(refusal).rejects.toThrow('Its image is no longer in the ');
      expect(await harness.spawner.list(signal())).toEqual([]);
    });
  });
}

function listen(host: string, port: number, answer: string): Promise<Server> {
  const server = createServer((_, response) => response.end(answer));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}
