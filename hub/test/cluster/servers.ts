import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openServer, stopServer, type Server } from '@davit/contract';
import type { ClusterHub } from '../clusterHub.ts';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from '../hubClient.ts';
import { enterServer } from '../hubServers.ts';

const MINUTE = 60_000;

/** Servers of one person from start to end. */
export function describeServers(hubOf: () => ClusterHub): void {
  describe('and its servers', () => {
    let onCluster: ClusterHub;
    let ada: Person;
    let server: Server;

    beforeAll(async () => {
      onCluster = hubOf();
      ada = await newPerson(onCluster.hub, await signIn(onCluster.hub), 'ada');
    });
    afterAll(() => deleteAllServers(ada));

    const status = async () => {
      const link = await ada.call(openServer, { params: { id: server.id }, body: {} });
      return (await enterServer(onCluster.hub, link)).status('/jupyterlab/api');
    };

    it('starts JupyterLab as a pod and lets its owner in', async () => {
      server = await newServer(ada, 'jupyterlab', 'work');
      await untilPhase(ada, server.id, ['running'], 4 * MINUTE);
      expect((await onCluster.pods()).map(({ metadata }) => metadata?.labels?.['davit.server'])).toEqual([server.id]);
      expect(await status()).toBe(200);
    });

    it('knows code inside by the token of its pod', async () => {
      const ask = (token: string) =>
        onCluster.inside(
          server.id,
          `const answer = await fetch(process.env.DAVIT_API_URL + '/api/davit/v1/info', { headers: { authorization: 'Bearer ' + ${token} } });
           print([answer.status, (await answer.json()).server?.id ?? ''])`,
        );
      expect(JSON.parse(await ask(`fs.readFileSync('/run/davit/token', 'utf8')`))).toEqual([200, server.id]);
      expect(JSON.parse(await ask(`'a.b.c'`))).toEqual([401, '']);
    });

    it('finds its pods again after it was killed, and removes them when they are stopped', async () => {
      const [before] = await onCluster.pods();
      await onCluster.hub.kill('SIGKILL');
      await onCluster.hub.launch();
      await untilPhase(ada, server.id, ['running'], MINUTE);
      expect((await onCluster.pods()).map(({ metadata }) => metadata?.uid)).toEqual([before?.metadata?.uid]);
      expect(await status()).toBe(200);
      await ada.call(stopServer, { params: { id: server.id } });
      await untilPhase(ada, server.id, ['stopped'], MINUTE);
      expect(await onCluster.pods()).toEqual([]);
    });
  });
}
