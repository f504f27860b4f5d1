import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  allRoutes,
  deleteServer,
  openServer,
  resetServer,
  SERVER_LIVE_PATH,
  serverApiPath,
  stopServer,
  type Server,
} from '@davit/contract';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from './hubClient.ts';
import { HubProcess } from './hubProcess.ts';
import { containersOf, ENGINE, enterServer } from './hubServers.ts';

const run = promisify(execFile);
/** What a person types in a terminal of the server; prints the status and then the body. */
const CALL = `curl -sS -m 20 -o /tmp/answer -w '%{http_code} ' -H "Authorization: Bearer $(cat /run/davit/token)"`;

/** Runs a shell command in a server's container. */
async function inside(serverId: string, command: string): Promise<string> {
  const [id = ''] = await containersOf(serverId);
  const { stdout } = await run(ENGINE, ['exec', id, 'bash', '-c', command], { timeout: 60_000 });
  return stdout.trim();
}

describe('code inside a real container', () => {
  let hub: HubProcess;
  let ada: Person;
  let bob: Person;
  let server: Server;
  let bobs: Server;

  beforeAll(async () => {
    hub = await HubProcess.start();
    const admin = await signIn(hub);
    [ada, bob] = [await newPerson(hub, admin, 'ada'), await newPerson(hub, admin, 'bob')];
    [server, bobs] = [await newServer(ada, 'jupyterlab', 'work'), await newServer(bob, 'jupyterlab', 'other')];
    await untilPhase(ada, server.id, ['running'], 600_000);
    await untilPhase(bob, bobs.id, ['running'], 600_000);
  }, 660_000);

  afterAll(async () => {
    await Promise.all([ada, bob].map(deleteAllServers));
    await hub.dispose();
  }, 120_000);

  const call = (path: string) => inside(server.id, `${CALL} "$DAVIT_API_URL/api/davit/v1${path}"; cat /tmp/answer`);

  it('calls the hub with the token it finds, about its own server only', async () => {
    const [status, body] = (await call('/info')).split(/ (.*)/s);
    expect(status).toBe('200');
    expect(JSON.parse(body ?? '')).toMatchObject({
      api: 1,
      hubUrl: hub.url,
      user: { name: 'ada' },
      server: { id: server.id, name: 'work' },
    });
    expect(await call(`/servers/${server.id}`)).toMatch(/^200 .*"phase":"running"/);
    expect(await call(`/servers/${bobs.id}`)).toMatch(/^404 /);
    expect(await call('/servers')).toMatch(/^404 /);
    const plain = `curl -sS -m 20 -o /dev/null -w '%{http_code}' "$DAVIT_API_URL`;
    expect(await inside(server.id, `${plain}/api/davit/v1/info"`)).toBe('401');
    expect(await inside(server.id, `${plain}/"`)).toBe('401');
  }, 60_000);

  it('finds no other server with any endpoint, somebody else’s or its owner’s', async () => {
    const second = await newServer(ada, 'jupyterlab', 'second', false);
    const routes = allRoutes.filter((route) => route.serverApi && route.path.startsWith('/api/v1/servers/{id}'));
    expect(routes.length).toBeGreaterThan(8);
    const bodies: Record<string, object> = {
      saveServer: { name: 'stolen', version: '1' },
      setReleasePolicy: { policy: 'manual' },
      keepServer: { hours: 1 },
    };
    for (const { id } of [bobs, second]) {
      const commands = routes.map(({ name, method, path }) => {
        const data = `-H 'Content-Type: application/json' -d '${JSON.stringify(bodies[name] ?? {})}'`;
        const url = `$DAVIT_API_URL${serverApiPath(path).replace('{id}', id)}`;
        return `echo "${name} $(${CALL} -X ${method} ${method === 'GET' ? '' : data} "${url}")"`;
      });
      const answers = (await inside(server.id, commands.join('; '))).split('\n').map((line) => line.trim());
      expect(answers).toEqual(routes.map(({ name }) => `${name} 404`));
    }
  }, 120_000);

  it('hears of changes over a WebSocket', async () => {
    const upgrade = `-H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='`;
    const path = `${SERVER_LIVE_PATH}/?EIO=4&transport=websocket`;
    const ask = (head: string) =>
      inside(server.id, `curl -sS -m 3 -i ${head} ${upgrade} "$DAVIT_API_URL${path}" 2>/dev/null | head -1`);
    expect(await ask(`-H "Authorization: Bearer $(cat /run/davit/token)"`)).toContain('101');
    expect(await ask('')).toContain('401');
  }, 60_000);

  it('calls it at the same address after the hub was killed and started again, and not with another’s token', async () => {
    const token = await inside(server.id, 'cat /run/davit/token');
    await hub.kill('SIGKILL');
    await hub.launch();
    await untilPhase(ada, server.id, ['running']);
    const deadline = Date.now() + 30_000;
    let answer = '';
    while (!answer.startsWith('200') && Date.now() < deadline) answer = await call('/info').catch(() => '');
    expect(answer).toContain(server.id);
    expect(await inside(server.id, 'cat /run/davit/token')).toBe(token);
    expect(hub.output).not.toContain(token);
    const stolen = `curl -sS -m 20 -o /tmp/answer -w '%{http_code} ' -H "Authorization: Bearer ${token}"`;
    expect(await inside(bobs.id, `${stolen} "$DAVIT_API_URL/api/davit/v1/servers/${bobs.id}"`)).toBe('404');
  }, 120_000);

  it('answers the same on the server’s own address, with its cookie', async () => {
    const browser = await enterServer(hub, await ada.call(openServer, { params: { id: server.id }, body: {} }));
    expect(await browser.status('/api/davit/v1/info')).toBe(200);
    expect(await browser.status(`/api/davit/v1/servers/${server.id}`)).toBe(200);
    expect(await browser.status(`/api/davit/v1/servers/${bobs.id}`)).toBe(404);
    expect(await browser.status('/api/davit/v1/servers')).toBe(404);
    expect(await browser.status('/api/davit/v1/info', { cookie: '' })).toBe(401);
    expect(await browser.status('/api/davit/v1/info', { 'sec-fetch-site': 'same-site' })).toBe(403);
  }, 60_000);

  it('has a new token after a reset, and the old one and that of a stopped server are refused', async () => {
    const old = await inside(server.id, 'cat /run/davit/token');
    const { generation } = await ada.call(resetServer, { params: { id: server.id } });
    await untilPhase(ada, server.id, ['starting']);
    expect(await untilPhase(ada, server.id, ['running'])).toMatchObject({ generation });
    expect(await inside(server.id, 'cat /run/davit/token')).not.toBe(old);
    expect(await call('/info')).toMatch(/^200 /);
    const withOld = (token: string) =>
      inside(
        bobs.id,
        `curl -sS -m 20 -o /dev/null -w '%{http_code}' -H "Authorization: Bearer ${token}" "$DAVIT_API_URL/api/davit/v1/info"`,
      );
    expect(await withOld(old)).toBe('401');
    const last = await inside(server.id, 'cat /run/davit/token');
    expect(await withOld(last)).toBe('200');
    await ada.call(stopServer, { params: { id: server.id } });
    expect(await withOld(last)).toBe('401');
    await ada.call(deleteServer, { params: { id: server.id } });
  }, 240_000);
});
