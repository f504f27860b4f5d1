import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createServer,
  getImageJob,
  getImageJobLog,
  previewSave,
  saveServer,
  stopServer,
  type ImageJob,
  type Server,
} from '@davit/contract';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterHub } from '../clusterHub.ts';
import { SavedImages } from '../engine/savedImages.ts';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from '../hubClient.ts';

const MINUTE = 60_000;

/** Saves of a real JupyterLab in a pod; the hub and the image saver are killed in the middle. */
export function describeSaves(hubOf: () => ClusterHub): void {
  describe('that saves servers', () => {
    let onCluster: ClusterHub;
    let cleo: Person;
    let server: Server;

    beforeAll(async () => {
      onCluster = hubOf();
      cleo = await newPerson(onCluster.hub, await signIn(onCluster.hub), 'cleo');
      server = await newServer(cleo, 'jupyterlab', 'Env of Cleo');
      server = await untilPhase(cleo, server.id, ['running'], 4 * MINUTE);
      await onCluster.inside(
        server.id,
        `fs.writeFileSync('/opt/venv/lib/python3.11/site-packages/saved_greeting.py', 'TEXT = "hello from the save"');
         fs.writeFileSync('/home/davit/data.bin', require('node:crypto').randomBytes(300_000_000));`,
      );
    }, 6 * MINUTE);
    afterAll(() => deleteAllServers(cleo));

    async function until(id: string, isSo: (job: ImageJob) => boolean): Promise<ImageJob> {
      const deadline = Date.now() + 4 * MINUTE;
      for (;;) {
        const job = await cleo.call(getImageJob, { params: { id } });
        if (isSo(job)) return job;
        if (Date.now() > deadline) throw new Error(`The job is still ${job.phase}.`);
        await sleep(50);
      }
    }

    const save = (version: string) =>
      cleo.call(saveServer, { params: { id: server.id }, body: { name: 'env', version } });
    const linesOf = async (id: string) => (await cleo.call(getImageJobLog, { params: { id } })).lines;
    const isOnItsWay = ({ bytesDone }: ImageJob) => (bytesDone ?? 0) > 1_000_000;

    it('ends a save in one image when the hub is killed in the middle', async () => {
      const asked = await save('1');
      await until(asked.id, isOnItsWay);
      await onCluster.hub.kill('SIGKILL');
      await onCluster.hub.launch();
      const job = await until(asked.id, ({ endedAt }) => endedAt !== null);
      expect(job).toMatchObject({ phase: 'done', percent: 100, reason: null });
      expect(await linesOf(job.id)).toContain('Beginning again.');
      const images = new SavedImages(onCluster.cluster);
      const ref = `${onCluster.cluster.registry}/saved/${cleo.userId}/${job.imageId}:1`;
      expect([await images.has(ref), await images.uploads(ref)]).toEqual([true, []]);
    });

    it('tells in words that the image saver was killed, and tries again', async () => {
      const asked = await save('2');
      await until(asked.id, isOnItsWay);
      await onCluster.saver.remove();
      const job = await until(asked.id, ({ endedAt }) => endedAt !== null);
      const lines = (await linesOf(job.id)).join('\n');
      expect(lines).toMatch(/It did not work: The image saver .* was stopped in the middle of the save/);
      expect([job.phase, job.reason]).toEqual(['done', null]);
    });

    it('starts a server from the image, with what was installed', async () => {
      const preview = await cleo.call(previewSave, { params: { id: server.id } });
      expect(preview.changedBytes).toBeGreaterThan(300_000_000);
      expect(preview.notSaved.map(({ path }) => path)).toContain('/data/private/default');
      const job = await until((await save('3')).id, ({ endedAt }) => endedAt !== null);
      expect(job.phase).toBe('done');
      await cleo.call(stopServer, { params: { id: server.id } });
      const body = { name: 'from the save', imageId: job.imageId ?? '', start: true };
      const next = await cleo.call(createServer, { body });
      await untilPhase(cleo, next.id, ['running'], 4 * MINUTE);
      const script = `print(require('node:child_process').execFileSync('/opt/venv/bin/python', ['-c', 'import saved_greeting; print(saved_greeting.TEXT)']).toString())`;
      expect(await onCluster.inside(next.id, script)).toBe('hello from the save\n');
    });
  });
}
