import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  createServer,
  deleteServer,
  getImageJob,
  getImageJobLog,
  listImages,
  previewSave,
  saveServer,
  type ImageJob,
  type Server,
} from '@davit/contract';
import { deleteAllServers, newPerson, newServer, signIn, untilPhase, type Person } from './hubClient.ts';
import { HubProcess } from './hubProcess.ts';
import { containersOf, runEngineCommand } from './hubServers.ts';

const run = promisify(execFile);
const MODULE = '/opt/venv/lib/python3.11/site-packages/saved_greeting.py';

/** When the hub is killed: so long after a save was asked for, or after it has left a phase. */
const MOMENTS: { phase?: ImageJob['phase']; delay: number }[] = [
  { delay: 0 },
  { phase: 'queued', delay: 0 },
  { phase: 'queued', delay: 400 },
  { phase: 'checking', delay: 100 },
];

/** Saves of a real hub, which is killed in the middle of them, from a real JupyterLab. */
describe('a hub that saves servers', () => {
  let hub: HubProcess;
  let ada: Person;
  let server: Server;
  const made: ImageJob[] = [];

  beforeAll(async () => {
    hub = await HubProcess.start();
    const admin = await signIn(hub);
    ada = await newPerson(hub, admin, 'ada');
    server = await newServer(ada, 'jupyterlab', 'Env of Ada');
    server = await untilPhase(ada, server.id, ['running'], 600_000);
    await inside(server, `echo 'TEXT = "hello from the save"' > ${MODULE}; head -c 64000000 /dev/urandom > ~/data.bin`);
  }, 660_000);

  afterAll(async () => {
    await deleteAllServers(ada);
    for (const { imageId, version } of made) {
      await runEngineCommand(['rmi', `localhost/davit/saved/${ada.userId}/${imageId}:${version}`]).catch(
        () => undefined,
      );
    }
    await hub.dispose();
  }, 180_000);

  async function inside({ id }: Server, script: string): Promise<string> {
    const [container = ''] = await containersOf(id);
    return runEngineCommand(['exec', container, 'bash', '-c', script]);
  }

  async function ended(id: string): Promise<ImageJob> {
    const deadline = Date.now() + 240_000;
    for (;;) {
      const job = await ada.call(getImageJob, { params: { id } });
      if (job.endedAt !== null) return job;
      if (Date.now() > deadline) throw new Error(`the job is still ${job.phase}`);
      await sleep(300);
    }
  }

  async function untilLeaves(id: string, phase: ImageJob['phase']): Promise<void> {
    while ((await ada.call(getImageJob, { params: { id } })).phase === phase) await sleep(20);
  }

  /** Files, commands and images that a save leaves while it is on its way. */
  async function onTheWay(job: ImageJob): Promise<string[]> {
    const files = await readdir(join(hub.dataDir, 'run', 'saves')).catch(() => []);
    const images = await runEngineCommand([
      'images',
      '--all',
      '--format',
      '{{.Repository}}',
      '--filter',
      'reference=localhost/davit-saving-*',
    ]);
    const { stdout: processes } = await run('ps', ['-eo', 'args']);
    return [...files, ...`${images}\n${processes}`.split('\n').filter((line) => line.includes(job.id))];
  }

  it('ends a save in one image, whenever it is killed, and leaves nothing on the way', async () => {
    let begunAgain = 0;
    for (const [index, moment] of MOMENTS.entries()) {
      const version = String(index + 1);
      const asked = await ada.call(saveServer, { params: { id: server.id }, body: { name: 'env', version } });
      if (moment.phase !== undefined) await untilLeaves(asked.id, moment.phase);
      await sleep(moment.delay);
      await hub.kill('SIGKILL');
      await hub.launch();
      const job = await ended(asked.id);
      made.push(job);
      expect(job).toMatchObject({ phase: 'done', percent: 100, reason: null });
      expect(await onTheWay(job)).toEqual([]);
      const { lines, ended: isEnded } = await ada.call(getImageJobLog, { params: { id: job.id } });
      expect([lines.at(-1), isEnded]).toEqual([`The image env:${version} is there.`, true]);
      if (lines.includes('Beginning again.')) begunAgain += 1;
      const ref = `localhost/davit/saved/${ada.userId}/${job.imageId}:${version}`;
      expect(await runEngineCommand(['image', 'inspect', '--format', '{{join .RepoTags " "}}', ref])).toBe(ref);
    }
    // Else each was over, or had not begun, when the hub was killed, and nothing was tested.
    expect(begunAgain).toBeGreaterThan(0);
    const { items } = await ada.call(listImages, { query: { origin: 'own' } });
    const own = items.filter((image) => image.ownerId === ada.userId);
    expect(own.map((image) => image.version).sort()).toEqual(['1', '2', '3', '4']);
    expect(await containersOf(server.id)).toHaveLength(1);
    expect((await untilPhase(ada, server.id, ['running'])).startedAt).toBe(server.startedAt);
  }, 600_000);

  it('starts servers from the image, with what was installed, when the first one is deleted', async () => {
    const preview = await ada.call(previewSave, { params: { id: server.id } });
    expect(preview.suggestion).toEqual({ name: 'env-of-ada', version: '1' });
    expect(preview.changedBytes).toBeGreaterThan(64_000_000);
    expect(preview.notSaved).toContainEqual({
      path: '/data/private/default',
      why: 'data',
      bytes: expect.any(Number),
    });
    await ada.call(deleteServer, { params: { id: server.id } });
    const imageId = made.at(-1)?.imageId ?? '';
    const next = await ada.call(createServer, { body: { name: 'from the save', imageId, start: true } });
    await untilPhase(ada, next.id, ['running'], 240_000);
    const seen = await inside(
      next,
      'python -c "import saved_greeting; print(saved_greeting.TEXT)"; wc -c < ~/data.bin',
    );
    expect(seen).toBe('hello from the save\n64000000');
  }, 600_000);
});
