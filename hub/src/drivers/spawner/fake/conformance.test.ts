import { describeSpawnerConformance } from '../conformance.ts';
import { FakeEngine, FakeSpawner, type FakeStep } from './index.ts';

describeSpawnerConformance(
  'the fake driver',
  () => {
    const done = Promise.resolve();
    const engine = new FakeEngine();
    const spawner = new FakeSpawner({ engine, instanceId: 'one' });
    return Promise.resolve({
      spawner,
      other: new FakeSpawner({ engine, instanceId: 'two' }),
      image: { ref: 'localhost/davit/test:1', digest: 'sha256:0' },
      steps: ['create', 'start', 'isolate'],
      dieAfter: (step) => engine.crashAfter(step as FakeStep),
      exit: (ref, exitCode) => {
        engine.exit(ref.serverId, { exitCode });
        return done;
      },
      exhaustMemory: (ref) => {
        engine.exit(ref.serverId, { exitCode: 137, outOfMemory: true });
        return done;
      },
      print: (ref, line) => {
        engine.of(ref.serverId)?.logs.push(line);
        return done;
      },
      tokenOf: ({ serverId }) => Promise.resolve(engine.of(serverId)?.spec.token),
      write: (ref, bytes) => {
        engine.of(ref.serverId)!.written += bytes;
        return done;
      },
      ready: () => done,
      clear: () => {
        engine.containers.clear();
        return done;
      },
      dispose: () => spawner.dispose(),
    });
  },
  { tokens: 'hub', writes: 'counted for the hub' },
);
