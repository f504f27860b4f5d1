import { describeSaveConformance } from '../saveConformance.ts';
import { FakeEngine, FakeSpawner } from './index.ts';

describeSaveConformance('the fake driver', () => {
  const engine = new FakeEngine();
  const spawner = new FakeSpawner({ engine, instanceId: 'one' });
  const done = Promise.resolve();
  return Promise.resolve({
    spawner,
    image: { ref: 'localhost/davit/base:1', digest: 'sha256:1' },
    exit: ({ serverId }, exitCode) => {
      engine.exit(serverId, { exitCode });
      return done;
    },
    ready: () => done,
    clear: () => {
      engine.containers.clear();
      return done;
    },
    dispose: () => spawner.dispose(),
    hasImage: (ref) => Promise.resolve(engine.images.has(ref)),
    leaveHalf: ({ job, ref }) => {
      engine.saves.set(job, ref);
      return Promise.resolve(() => Promise.resolve(engine.saves.has(job)));
    },
  });
});
