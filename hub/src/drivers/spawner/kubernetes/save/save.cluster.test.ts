import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { saverHarness, type SaverHarness } from '../../../../../test/engine/saverHarness.ts';
import type { ImageLocation, SaveTarget } from '../../../../domains/images/index.ts';
import { ALWAYS_SCRUBBED } from '../../../../domains/images/scrub.ts';
import { SpawnRefused, type ServerRef } from '../../../../domains/servers/spawner.ts';
import { testSpec } from '../../conformance.ts';
import { describeSaveConformance, quietly, testTarget } from '../../saveConformance.ts';

const MINUTE = 60_000;
// A busy machine may hold each call of the cluster up for seconds.
jest.setTimeout(4 * MINUTE);

const signal = () => AbortSignal.timeout(2 * MINUTE);

/** One for all that follows: image savers take long to be set up. */
let harness: SaverHarness;
beforeAll(async () => {
  harness = await saverHarness();
}, 4 * MINUTE);
afterAll(() => harness.dispose(), 2 * MINUTE);

describeSaveConformance('the kubernetes driver', () =>
  Promise.resolve({ ...harness, dispose: () => Promise.resolve() }),
);

describe('an image that was saved on a cluster', () => {
  const targets: SaveTarget[] = [];
  afterEach(async () => {
    await harness.clear();
    for (const target of targets.splice(0)) await harness.spawner.discardSave(target, signal());
  });

  const target = (changes?: Partial<SaveTarget>): SaveTarget => {
    const made = testTarget({ scrub: ALWAYS_SCRUBBED, ...changes });
    targets.push(made);
    return made;
  };
  const save = (ref: ServerRef, changes?: Partial<SaveTarget>): Promise<ImageLocation> =>
    harness.spawner.saveImage(ref, target(changes), quietly());
  const inside = async (ref: ServerRef, script: string): Promise<unknown> => {
    const { code, output } = await harness.inside(ref, script);
    if (code !== 0) throw new Error(output);
    return JSON.parse(output);
  };

  it('has what was added, changed and removed, with owners, modes, links and odd names', async () => {
    const ref = await harness.start();
    await inside(
      ref,
      `process.chdir('/home/davit'); fs.mkdirSync('d/e', { recursive: true }); fs.writeFileSync('d/e/f', 'x', { mode: 0o640 });
       fs.linkSync('d/e/f', 'hard'); fs.symlinkSync('d/e', 'soft'); fs.writeFileSync('ünï\\ncode', ''); fs.mkdirSync('old'); fs.writeFileSync('old/gone', '');
       fs.writeFileSync('removed', ''); print(true)`,
    );
    const first = await harness.restart(ref, await save(ref));
    await inside(
      first,
      `process.chdir('/home/davit'); fs.rmSync('removed'); fs.rmSync('old', { recursive: true }); fs.mkdirSync('old'); fs.writeFileSync('old/new', ''); print(true)`,
    );
    const second = await harness.restart(first, await save(first));
    const seen = await inside(
      second,
      `process.chdir('/home/davit'); const stat = fs.lstatSync('d/e/f');
       print({ all: fs.readdirSync('.').sort(), old: fs.readdirSync('old'), mode: stat.mode & 0o777, owner: stat.uid, links: stat.nlink, soft: fs.readlinkSync('soft') })`,
    );
    expect(seen).toEqual({
      all: ['d', 'hard', 'old', 'soft', 'ünï\ncode'],
      old: ['new'],
      mode: 0o640,
      owner: 1000,
      links: 2,
      soft: 'd/e',
    });
  });

  it('holds no secret in any layer nor in its configuration, and only the environment of its base', async () => {
    const paths = [
      '/home/davit/.ssh/id_ed25519',
      '/home/davit/.netrc',
      '/home/davit/.docker/config.json',
      '/home/davit/.git-credentials',
      '/home/davit/.bash_history',
      '/home/davit/.python_history',
      '/tmp/left',
      '/home/davit/.cache/pip/x',
      '/home/davit/.aws/credentials',
      '/data/private/default/work',
      '/home/davit/project/extra',
    ];
    const secrets = paths.map((_, index) => `planted-${index}-9f2c`);
    const spec = testSpec(harness.image, { serverName: 'planted-environment-9f2c' });
    const ref = await harness.start(spec);
    const token = await inside(
      ref,
      `const path = require('node:path'); const files = ${JSON.stringify(paths.map((file, index) => [file, secrets[index]]))};
       for (const [file, text] of files) { fs.mkdirSync(path.dirname(file), { recursive: true }); fs.writeFileSync(file, text); }
       fs.writeFileSync('/home/davit/kept', 'kept-9f2c'); print(JSON.stringify(fs.readFileSync('/run/davit/token', 'utf8')))`,
    );
    const saved = await save(ref, { scrub: [...ALWAYS_SCRUBBED, '/home/davit/project'] });
    const unwanted = [...secrets, spec.serverName, String(token), spec.secret, spec.serverId, 'DAVIT_', 'MEM_LIMIT'];
    const found = await harness.images.scan(saved.ref, [...unwanted, 'kept-9f2c']);
    // The base holds the agent, which knows the names of its variables.
    const base = await harness.images.scan(harness.image.ref, unwanted);
    expect(found.filter((text) => !base.includes(text))).toEqual(['kept-9f2c']);
    const [config, baseConfig] = await Promise.all(
      [saved.ref, harness.image.ref].map((image) => harness.images.config(image)),
    );
    expect(config?.config.Env).toEqual(baseConfig?.config.Env);
    expect(config?.config.Entrypoint).toEqual(baseConfig?.config.Entrypoint);
  });

  it('has the layers of its base, and of a change of 200 MB what is sent within seconds', async () => {
    const ref = await harness.start();
    await inside(ref, `fs.writeFileSync('/home/davit/big', require('node:crypto').randomBytes(200_000_000)); print(1)`);
    const progress: (number | undefined)[] = [];
    const began = performance.now();
    const options = quietly({ onProgress: ({ step, bytesDone }) => step === 'saving' && progress.push(bytesDone) });
    const saved = await harness.spawner.saveImage(ref, target(), options);
    expect(performance.now() - began).toBeLessThan(MINUTE);
    expect(progress.at(-1)).toBeGreaterThan(1_000_000);
    expect(progress).toEqual([...progress].sort((a, b) => (a ?? 0) - (b ?? 0)));
    const [layers, base] = await Promise.all(
      [saved.ref, harness.image.ref].map(async (image) => (await harness.images.manifest(image)).layers),
    );
    expect(layers?.slice(0, -1).map(({ digest }) => digest)).toEqual(base?.map(({ digest }) => digest));
    expect(saved.sizeBytes).toBeGreaterThan(200_000_000);
    expect(await harness.images.uploads(saved.ref)).toEqual([]);
  });

  it('that is cancelled leaves nothing in the registry, and the server runs on', async () => {
    const ref = await harness.start();
    await inside(ref, `fs.writeFileSync('/home/davit/big', require('node:crypto').randomBytes(200_000_000)); print(1)`);
    const wanted = target();
    const abort = new AbortController();
    const onProgress = ({ bytesDone = 0 }): void => {
      if (bytesDone > 20_000_000) abort.abort(new Error('enough'));
    };
    const cancelled = harness.spawner.saveImage(ref, wanted, quietly({ signal: abort.signal, onProgress }));
    await expect(cancelled).rejects.toThrow('enough');
    expect(await harness.hasImage(wanted.ref)).toBe(false);
    expect(await harness.images.uploads(harness.refOf?.(wanted.ref) ?? '')).toEqual([]);
    expect((await harness.spawner.list(signal()))[0]).toMatchObject({ ref, state: 'running' });
    await harness.spawner.saveImage(ref, wanted, quietly());
    expect(await harness.hasImage(wanted.ref)).toBe(true);
  });

  it(
    'twelve times still starts, with few layers and nothing that was left out later',
    async () => {
      let ref = await harness.start();
      await inside(
        ref,
        `fs.mkdirSync('/home/davit/private'); fs.writeFileSync('/home/davit/private/key', 'early-secret-9f2c'); print(true)`,
      );
      let saved: ImageLocation | undefined;
      const counts: number[] = [];
      for (let round = 0; round < 12; round += 1) {
        await inside(
          ref,
          `process.chdir('/home/davit'); fs.writeFileSync('f${round}', 'round ${round}'); fs.rmSync('f${round - 2}', { force: true });
         fs.rmSync('d', { recursive: true, force: true }); fs.mkdirSync('d'); fs.writeFileSync('d/${round}', ''); print(true)`,
        );
        saved = await save(ref, round === 11 ? { scrub: [...ALWAYS_SCRUBBED, '/home/davit/private'] } : {});
        counts.push((await harness.images.manifest(saved.ref)).layers.length);
        ref = await harness.restart(ref, saved);
      }
      const base = (await harness.images.manifest(harness.image.ref)).layers.length;
      expect(Math.max(...counts)).toBe(base + 10);
      expect(counts.at(-1)).toBe(base + 1);
      const seen = await inside(
        ref,
        `print({ all: fs.readdirSync('/home/davit').sort(), d: fs.readdirSync('/home/davit/d') })`,
      );
      expect(seen).toEqual({ all: ['d', 'f10', 'f11'], d: ['11'] });
      const texts = ['early-secret-9f2c', 'round 11'];
      expect(await harness.images.scan(saved?.ref ?? '', texts)).toEqual(['round 11']);
    },
    10 * MINUTE,
  );

  it('is made by a second try when the image saver ends in the middle of the first', async () => {
    const ref = await harness.start();
    await inside(ref, `fs.writeFileSync('/home/davit/big', require('node:crypto').randomBytes(200_000_000)); print(1)`);
    const wanted = target();
    let killed: Promise<unknown> | undefined;
    const onProgress = ({ bytesDone = 0 }): void => {
      if (bytesDone > 20_000_000) killed ??= harness.saver.remove();
    };
    const first = harness.spawner.saveImage(ref, wanted, quietly({ onProgress }));
    await expect(first).rejects.toThrow(/was stopped in the middle of the save/);
    await killed;
    expect(await harness.hasImage(wanted.ref)).toBe(false);
    await harness.saver.ready();
    await harness.spawner.saveImage(ref, wanted, quietly());
    expect(await harness.hasImage(wanted.ref)).toBe(true);
  });

  it('is made only of a container of the server that the hub names, on its own node, by the hub alone', async () => {
    const ref = await harness.start();
    const [pod] = await harness.saver.pods();
    const [place] = await harness.savers.all(signal());
    if (place === undefined) throw new Error('There is no image saver.');
    const container = await harness.containerOf(ref);
    const measure = (of: typeof container, at = place) =>
      harness.savers.ask(at, { action: 'measure', container: of, scrub: [] }, signal());
    expect(await measure(container)).toMatchObject({ changedBytes: expect.any(Number) });
    const own = {
      id: pod?.status?.containerStatuses?.[0]?.containerID?.split('//')[1] ?? '',
      podUid: pod?.metadata?.uid,
    };
    await expect(measure({ ...container, ...own, podUid: own.podUid ?? '' })).rejects.toThrow(SpawnRefused);
    await expect(measure({ ...container, id: own.id })).rejects.toThrow(/stopped or started anew/);
    await expect(measure({ ...container, serverId: 'other' })).rejects.toThrow('none of this server');
    await expect(measure(container, { ...place, node: 'another' })).rejects.toThrow(
      /no request of the hub to this node/,
    );
    const answer = await fetch(`${place.url}/v1/requests`, { method: 'POST', body: 'a.b.c' });
    expect([answer.status, await answer.json()]).toEqual([403, { message: expect.stringContaining('no request') }]);
  });

  it('is refused in words where no image saver is, and where the image lies elsewhere', async () => {
    const ref = await harness.start();
    const { saver } = harness;
    const lost = { ...saver.settings, labels: { 'app.kubernetes.io/component': 'no-such-saver' } };
    const other = harness.withSaver(lost);
    await expect(other.saveImage(ref, target(), quietly())).rejects.toThrow(/Saving is not set up on the machine/);
    await expect(other.measureChanges(ref, [], signal())).rejects.toThrow(/ask an admin/);
    await other.dispose();
    const without = harness.withSaver(undefined);
    await expect(without.saveImage(ref, target(), quietly())).rejects.toThrow(/Saving is not set up on this cluster/);
    await without.dispose();
  });
});
