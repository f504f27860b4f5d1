import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer, getServer, openServer, type Reason, type Server } from '@davit/contract';
import { deleteAllServers, imageNamed, newPerson, signIn, untilPhase, type Person } from './hubClient.ts';
import { containersOf, ENGINE, enterServer } from './hubServers.ts';
import { HubProcess } from './hubProcess.ts';

const run = promisify(execFile);

describe('a server that uses up', () => {
  let hub: HubProcess;
  let ada: Person;

  beforeAll(async () => {
    hub = await HubProcess.start();
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
});

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
