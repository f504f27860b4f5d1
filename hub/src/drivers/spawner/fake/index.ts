export {
  FAKE_INVENTORY,
  FakeEngine,
  type FakeCall,
  type FakeContainer,
  type FakeEnd,
  type FakeStep,
} from './fakeEngine.ts';
export { FakeSpawner } from './fakeSpawner.ts';
