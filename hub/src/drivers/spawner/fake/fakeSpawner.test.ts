import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SpawnRefused, type ServerSpec } from '../../../domains/servers/spawner.ts';
import { FakeEngine, FakeSpawner } from './index.ts';

const signal = new AbortController().signal;
const spec: ServerSpec = {
  serverId: 'server000001',
  ownerId: 'owner0000001',
  generation: 1,
  serverName: 'work',
  userName: 'ada',
  image: { ref: 'localhost/davit/base:1', digest: 'sha256:1' },
  resources: { cpu: 1, memoryMb: 512, gpu: 0 },
  gpuIds: [],
  editors: ['jupyterlab'],
  basePath: '',
  sources: ['default'],
  sharedWritable: false,
  secret: 'secret',
};

let engine: FakeEngine;
let spawner: FakeSpawner;
beforeEach(() => {
  engine = new FakeEngine({ now: () => new Date('2030-01-01T00:00:00Z') });
  spawner = new FakeSpawner({ engine, instanceId: 'one' });
});

describe('knobs of the fake engine', () => {
  it('fails as often as told, then works', async () => {
    engine.fail('ensure', new SpawnRefused('The image is gone.'), 2);
    await expect(spawner.ensure(spec, signal)).rejects.toThrow(SpawnRefused);
    await expect(spawner.ensure(spec, signal)).rejects.toThrow('The image is gone.');
    expect((await spawner.ensure(spec, signal)).serverId).toBe(spec.serverId);
    expect(engine.calls.ensure).toBe(3);
  });

  it('rejects every call while unreachable and keeps its containers', async () => {
    await spawner.ensure(spec, signal);
    engine.reachable = false;
    await expect(spawner.list(signal)).rejects.toThrow('does not answer');
    await expect(spawner.inventory(signal)).rejects.toThrow('does not answer');
    engine.reachable = true;
    expect(await spawner.list(signal)).toHaveLength(1);
  });

  it('ends a container with a code or for lack of memory, with the clock’s time', async () => {
    const ref = await spawner.ensure(spec, signal);
    engine.exit(spec.serverId, { exitCode: 137, outOfMemory: true });
    expect(await spawner.list(signal)).toEqual([
      expect.objectContaining({
        ref,
        state: 'exited',
        exitCode: 137,
        outOfMemory: true,
        finishedAt: engine.clock.now(),
      }),
    ]);
    expect(await spawner.endpoint(ref, 7070, signal)).toBeUndefined();
  });

  it('holds a call back until released, or until its signal aborts', async () => {
    const release = engine.hold('ensure');
    const waiting = spawner.ensure(spec, signal);
    await expect(spawner.ensure(spec, AbortSignal.timeout(5))).rejects.toThrow();
    expect(await spawner.list(signal)).toEqual([]);
    release();
    await waiting;
    expect(await spawner.list(signal)).toHaveLength(1);
  });

  it('lets a later spawner adopt and finish what a crash left', async () => {
    engine.crashAfter('start');
    await expect(spawner.ensure(spec, signal)).rejects.toThrow('Crashed');
    const next = new FakeSpawner({ engine, instanceId: 'one' });
    expect((await next.list(signal))[0]?.state).toBe('created');
    await next.ensure(spec, signal);
    expect((await next.list(signal))[0]?.state).toBe('running');
  });

  it('hints at changes until the watch ends', async () => {
    const onHint = jest.fn();
    const end = spawner.watch(onHint);
    await spawner.ensure(spec, signal);
    engine.lose(spec.serverId);
    expect(onHint).toHaveBeenCalledTimes(2);
    end();
    await spawner.ensure(spec, signal);
    expect(onHint).toHaveBeenCalledTimes(2);
  });
});
