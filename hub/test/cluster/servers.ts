import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { openServer, stopServer, type Server } from '@davit/contract';
import { QueryTypes } from 'sequelize';
import type { Pod } from '../../src/drivers/spawner/kubernetes/wire.ts';
import { openDatabase } from '../../src/platform/db.ts';
import type { ClusterHub } from '../clusterHub.ts';
import { without } from '../engine/cluster.ts';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from '../hubClient.ts';
import { enterServer, type Browserish } from '../hubServers.ts';

const MINUTE = 60_000;
/** How long the API server is away; a run by hand may ask for more. */
const OUTAGE_MS = Number(process.env['DAVIT_TEST_OUTAGE_SECONDS'] ?? 60) * 1000;

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

    it(
      'goes on in front of its servers while the cluster’s API server is away, and has lost nothing afterwards',
      async () => {
        const link = await ada.call(openServer, { params: { id: server.id }, body: {} });
        const browser = await enterServer(onCluster.hub, link);
        const [pod, runs] = [await onCluster.podOf(server.id), await runsOf(onCluster, server.id)];
        expect(runs).toMatchObject([{ engine_id: pod?.metadata?.uid, ended_at: null }]);
        const answers = await answersWhile(browser, async () => {
          await without('kube-apiserver', async () => {
            const until = Date.now() + OUTAGE_MS;
            await untilPhase(ada, server.id, ['unknown'], MINUTE);
            await sleep(Math.max(0, until - Date.now()));
            await untilPhase(ada, server.id, ['unknown'], 0);
          });
          await untilPhase(ada, server.id, ['running'], 2 * MINUTE);
        });
        expect([...answers.keys()]).toEqual([200]);
        expect(answers.get(200)).toBeGreaterThan(OUTAGE_MS / 2000);
        const after = await onCluster.podOf(server.id);
        const known = ({ metadata }: Pod) => [
          metadata?.uid,
          metadata?.labels?.['davit.generation'],
          metadata?.deletionTimestamp,
        ];
        expect(after && known(after)).toEqual(pod && known(pod));
        expect(after?.status?.containerStatuses?.map(({ restartCount }) => restartCount)).toEqual([0]);
        expect(await runsOf(onCluster, server.id)).toEqual(runs);
      },
      OUTAGE_MS + 5 * MINUTE,
    );

    it('finds its pods again after it was killed, and removes them when they are stopped', async () => {
      const [before] = await onCluster.pods();
      await onCluster.hub.kill('SIGKILL');
      await onCluster.hub.launch();
      await untilPhase(ada, server.id, ['running'], MINUTE);
      expect((await onCluster.pods()).map(({ metadata }) => metadata?.uid)).toEqual([before?.metadata?.uid]);
      expect(await status()).toBe(200);
      await ada.call(stopServer, { params: { id: server.id } });
      // After the API server was away a kubelet hears of nothing for up to half a minute more, and then ends the pod.
      await untilPhase(ada, server.id, ['stopped'], 3 * MINUTE);
      expect(await onCluster.pods()).toEqual([]);
    });
  });
}

/** What was counted of a server's containers, from which its usage follows. */
async function runsOf({ hub }: ClusterHub, serverId: string): Promise<object[]> {
  const db = openDatabase({ url: hub.env['DATABASE_URL'] ?? '', poolSize: 1 });
  try {
    const sql = 'SELECT engine_id, started_at, ended_at, reason FROM server_runs WHERE server_id = $serverId';
    return await db.query(sql, { bind: { serverId }, type: QueryTypes.SELECT });
  } finally {
    await db.close();
  }
}

/** How an editor answers again and again while something goes on: statuses, and how often each came. */
async function answersWhile(browser: Browserish, work: () => Promise<void>): Promise<Map<number, number>> {
  const answers = new Map<number, number>();
  const over = new AbortController();
  const asking = (async () => {
    while (!over.signal.aborted) {
      const status = await browser.status('/jupyterlab/api').catch(() => 0);
      answers.set(status, (answers.get(status) ?? 0) + 1);
      await sleep(500);
    }
  })();
  try {
    await work();
  } finally {
    over.abort();
    await asking;
  }
  return answers;
}
