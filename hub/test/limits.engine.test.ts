import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, getServer, openServer, startServer, type Reason, type Server } from '@davit/contract';
import { deleteAllServers, imageNamed, newPerson, signIn, untilPhase, type Person } from './hubClient.ts';
import { containersOf, ENGINE, enterServer } from './hubServers.ts';
import { HubProcess } from './hubProcess.ts';
import { until } from './until.ts';

const run = promisify(execFile);

describe('a server that uses up', () => {
  let hub: HubProcess;
  let ada: Person;

  beforeAll(async () => {
    hub = await HubProcess.start({ DAVIT_DISK_LIMIT_MB: '64' });
    ada = await newPerson(hub, await signIn(hub), 'ada');
  }, 60_000);

  afterAll(async () => {
    await deleteAllServers(ada);
    await hub.dispose();
  }, 120_000);

  const start = async (name: string): Promise<{ server: Server; container: string }> => {
    const image = await imageNamed(ada, 'jupyterlab');
    const resources = { cpu: 0.5, memoryMb: 512, gpu: 0 };
    const { id } = await ada.call(createServer, { body: { name, imageId: image.id, start: true, resources } });
    const server = await untilPhase(ada, id, ['running'], 600_000);
    const [container = ''] = await containersOf(id);
    return { server, container };
  };

  it('its memory loses the program that did, tells so, and goes on', async () => {
    const { server, container } = await start('hungry');
    const hungry = 'kept = []\nwhile True: kept.append(bytearray(b"x") * 2**24)';
    await expect(run(ENGINE, ['exec', container, 'python3', '-c', hungry])).rejects.toMatchObject({ code: 137 });
    expect(await untilReason(ada, server.id, 'out-of-memory')).toMatchObject({
      phase: 'running',
      generation: 1,
      reason: expect.stringContaining('the 512 MiB of this server were used up'),
      reasonDetail: { params: { memoryMb: 512, kills: 1 } },
    });
    expect(await containersOf(server.id)).toEqual([container]);
    const browser = await enterServer(hub, await ada.call(openServer, { params: { id: server.id }, body: {} }));
    expect(await browser.status('/jupyterlab/api/kernels')).toBe(200);
  }, 660_000);

  it('what it may write outside of /data is stopped with the reason, and starts afresh', async () => {
    const { server, container } = await start('full');
    const fill = 'head -c 30000000 /dev/urandom > /tmp/big; head -c 80000000 /dev/urandom > ~/work/kept';
    await run(ENGINE, ['exec', container, 'sh', '-c', fill]);
    await untilLookedAtDisks(hub, 3);
    expect(await ada.call(getServer, { params: { id: server.id } })).toMatchObject({ phase: 'running', reason: null });
    await run(ENGINE, ['exec', container, 'sh', '-c', 'head -c 80000000 /dev/urandom > /tmp/bigger']);
    expect(await untilReason(ada, server.id, 'disk-limit')).toMatchObject({
      phase: 'failed',
      reason: expect.stringContaining('more than the 64 MiB that it may outside of /data'),
    });
    await untilGone(server.id);
    await ada.call(startServer, { params: { id: server.id } });
    expect(await untilPhase(ada, server.id, ['running'])).toMatchObject({ generation: 2, reason: null });
    const [next = ''] = await containersOf(server.id);
    const { stdout } = await run(ENGINE, ['exec', next, 'sh', '-c', 'ls /tmp ~/work/']);
    expect(stdout).toContain('kept');
    expect(stdout).not.toContain('big');
  }, 660_000);
});

/** Waits until the hub has looked so often, from now on, at what servers have written. */
async function untilLookedAtDisks(hub: HubProcess, times: number): Promise<void> {
  const looks = async (): Promise<number> => {
    const text = await (await hub.fetch('/metrics')).text();
    return Number(/^davit_loop_tick_seconds_count\{loop="disks"\} (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  const wanted = (await looks()) + times;
  await until(async () => (await looks()) >= wanted, 300_000);
}

async function untilGone(serverId: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while ((await containersOf(serverId)).length > 0 && Date.now() < deadline) await sleep(250);
}

/** Waits until the server tells that reason, whatever its phase. */
async function untilReason(person: Person, id: string, code: Reason['code']): Promise<Server> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const server = await person.call(getServer, { params: { id } });
    if (server.reasonDetail?.code === code) return server;
    if (Date.now() > deadline) throw new Error(`server is ${server.phase}: ${server.reason ?? 'no reason'}`);
    await sleep(250);
  }
}
