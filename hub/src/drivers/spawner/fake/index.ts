export { FakeEngine, type FakeStep } from './fakeEngine.ts';
export { FakeSpawner } from './fakeSpawner.ts';
