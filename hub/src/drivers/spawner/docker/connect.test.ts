import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectEngine } from './connect.ts';
import { ensureNetwork } from './network.ts';
import { ping } from './ping.ts';

let directory: string;
let servers: Server[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'davit-test-'));
  servers = [];
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(directory, { recursive: true });
});

/** An engine that answers each path with a fixed value; others with 404. */
async function fakeEngine(answers: Record<string, unknown>, headers: Record<string, string> = {}): Promise<string> {
  const socket = join(directory, `${servers.length}.sock`);
  const server = createServer((request, response) => {
    const answer = answers[(request.url ?? '').split('?')[0] ?? ''];
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(answer ?? { message: 'not found' }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return socket;
}
const connect = (dockerHost: string) => connectEngine({ dataDir: directory, instanceId: 'x', dockerHost });

describe('connectEngine', () => {
  it('takes the engine of DOCKER_HOST and tells Docker from Podman', async () => {
    const docker = await fakeEngine({ '/_ping': 'OK', '/info': {} });
    const engine = await connect(`unix://${docker}`);
    expect(engine).toMatchObject({ kind: 'docker', socket: docker });
    expect(engine.cli).toMatchObject({ kind: 'docker', env: { DOCKER_HOST: `unix://${docker}` } });
    const podman = await fakeEngine({ '/_ping': 'OK', '/info': {} }, { 'Libpod-API-Version': '4.3.1' });
    expect((await connect(`unix://${podman}`)).kind).toBe('podman');
  });

  it.each(['tcp://10.0.0.1:2376', 'ssh://machine', 'npipe:////./pipe/x', ''])(
    'refuses DOCKER_HOST %p: directories are mounted from this machine',
    async (dockerHost) => {
      await expect(connect(dockerHost)).rejects.toThrow('must run there: give unix:///path');
    },
  );

  it('says which socket does not answer', async () => {
    await expect(connect(`unix://${directory}/none.sock`)).rejects.toThrow(
      `No container engine answers at ${directory}`,
    );
  });

  it.each([
    ['Docker', { SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'] }],
    ['Podman', { Rootless: true }],
  ])('refuses a rootless %s, which cannot keep servers apart', async (_, info) => {
    const socket = await fakeEngine({ '/_ping': 'OK', '/info': info });
    await expect(connect(`unix://${socket}`)).rejects.toThrow('runs without root');
  });
});

describe('ping', () => {
  it('is undefined for a socket that answers nothing sensible', async () => {
    expect(await ping(join(directory, 'none.sock'))).toBeUndefined();
    expect(await ping(await fakeEngine({}))).toBeUndefined();
  });
});

describe('ensureNetwork', () => {
  const signal = AbortSignal.timeout(10_000);
  const network = (icc: string) => ({
    Name: 'davit-x',
    Options: { 'com.docker.network.bridge.enable_icc': icc },
    IPAM: {
      Config: [
        { Subnet: 'fd00::/64', Gateway: 'fd00::1' },
        { Subnet: '172.20.0.0/16', Gateway: '172.20.0.1' },
      ],
    },
  });
  const open = async (icc: string, info = {}) =>
    connect(`unix://${await fakeEngine({ '/_ping': 'OK', '/info': info, '/networks/davit-x': network(icc) })}`);

  it('finds the IPv4 gateway of the network that exists', async () => {
    const gateway = '172.20.0.1';
    const found = { name: 'davit-x', gateway, listen: gateway, host: gateway };
    expect(await ensureNetwork(await open('false', { OperatingSystem: 'Debian' }), 'x', signal)).toEqual(found);
  });

  it('lets Docker Desktop bring calls to the loopback address, because its bridge is in a virtual machine', async () => {
    const engine = await open('false', { OperatingSystem: 'Docker Desktop' });
    const found = { name: 'davit-x', gateway: '172.20.0.1', listen: '127.0.0.1', host: 'host.docker.internal' };
    expect(await ensureNetwork(engine, 'x', signal)).toEqual(found);
  });

  it('refuses a Docker network on which containers reach each other', async () => {
    await expect(ensureNetwork(await open('true'), 'x', signal)).rejects.toThrow('would let servers reach each other');
  });

  it('rejects with the engine’s own failure when it can be neither found nor made', async () => {
    const engine = await connect(`unix://${await fakeEngine({ '/_ping': 'OK', '/info': {} })}`);
    await expect(ensureNetwork(engine, 'x', signal)).rejects.toMatchObject({ statusCode: 404 });
  });
});
