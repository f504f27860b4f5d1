import type { ChangeEvent } from '@davit/contract';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { INFO } from '../../test/hubs.ts';
import type { Change, HubPhase } from '../tokens.ts';
import { Hub, type Api, type LiveListener } from './hub.ts';
import type { Found } from './probe.ts';

const CHANGE: ChangeEvent = { type: 'server', id: INFO.server.id, version: 2 };

class Refusal extends Error {}

/** A hub whose surroundings are set by the test. */
function makeHub(first: Found, root: string | undefined) {
  const world = {
    found: first,
    looks: 0,
    listener: undefined as LiveListener | undefined,
    lives: 0,
    answer: 'ok' as unknown,
  };
  const api: Api = {
    call: () => (world.answer instanceof Error ? Promise.reject(world.answer) : Promise.resolve(world.answer as never)),
    live: (listener) => {
      world.listener = listener;
      world.lives += 1;
      return { isDisposed: false, dispose: () => (world.lives -= 1) };
    },
    isRefusal: (error, status) => error instanceof Refusal && status === 401,
    hubText: (text) => `${text}!`,
  };
  const hub = new Hub({
    root,
    probe: () => {
      world.looks += 1;
      return Promise.resolve(world.found);
    },
    loadApi: () => Promise.resolve(api),
  });
  const phases: HubPhase[] = [];
  const changes: Change[] = [];
  hub.phaseChanged.connect((_, phase) => phases.push(phase));
  hub.changes.connect((_, change) => changes.push(change));
  return { hub, world, phases, changes };
}

describe('the hub as a page sees it', () => {
  let hubs: Hub[] = [];
  const make = (first: Found, { root }: { root: string | undefined } = { root: '' }) => {
    const made = makeHub(first, root);
    hubs.push(made.hub);
    return made;
  };

  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => {
    for (const hub of hubs) hub.dispose();
    hubs = [];
    jest.useRealTimers();
  });

  it('is absent at once where none can be, without a request', async () => {
    const { hub, world } = make({ is: 'no-hub' }, { root: undefined });
    expect(hub.phase).toBe('absent');
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(world.looks).toBe(0);
  });

  it('is connected once found, and told to all who show something', async () => {
    const { hub, phases, changes, world } = make({ is: 'hub', info: INFO });
    await jest.advanceTimersByTimeAsync(10);
    expect(hub.phase).toBe('connected');
    expect(hub.info).toEqual(INFO);
    expect(phases).toEqual(['connected']);
    expect(changes).toEqual(['all']);
    expect(world.lives).toBe(1);
  });

  it('says what it wrote in the language of the page as soon as it is found', async () => {
    const { hub } = make({ is: 'hub', info: INFO });
    expect(hub.hubText('Sign in first.')).toBe('Sign in first.');
    await jest.advanceTimersByTimeAsync(10);
    expect(hub.hubText('Sign in first.')).toBe('Sign in first.!');
  });

  it('is looked for seldom where it is absent', async () => {
    const { hub, world } = make({ is: 'no-hub' });
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(hub.phase).toBe('absent');
    expect(world.looks).toBeGreaterThan(5);
    expect(world.looks).toBeLessThan(20);
  });

  it('passes events on, and asks for all again after a gap', async () => {
    const { world, changes } = make({ is: 'hub', info: INFO });
    await jest.advanceTimersByTimeAsync(10);
    world.listener?.connected();
    world.listener?.changed(CHANGE);
    expect(changes).toEqual(['all', CHANGE]);
    world.listener?.connected();
    expect(changes).toEqual(['all', CHANGE, 'all']);
  });

  it('is lost when a call finds nobody, keeps what is known, and comes back by itself', async () => {
    const { hub, world, phases } = make({ is: 'hub', info: INFO });
    await jest.advanceTimersByTimeAsync(10);
    world.found = { is: 'nothing' };
    world.answer = new TypeError('refused');
    await expect(hub.call((routes) => routes.getServer, { params: INFO.server })).rejects.toThrow(TypeError);
    await jest.advanceTimersByTimeAsync(10);
    expect(hub.phase).toBe('lost');
    expect(hub.info).toEqual(INFO);
    world.found = { is: 'hub', info: INFO };
    await jest.advanceTimersByTimeAsync(60_000);
    expect(phases).toEqual(['connected', 'lost', 'connected']);
  });

  it('stays connected through one request that failed', async () => {
    const { hub, world } = make({ is: 'hub', info: INFO });
    await jest.advanceTimersByTimeAsync(10);
    world.answer = new TypeError('aborted');
    await expect(hub.call((routes) => routes.getServer, { params: INFO.server })).rejects.toThrow(TypeError);
    await jest.advanceTimersByTimeAsync(10);
    expect(hub.phase).toBe('connected');
  });

  it('waits longer and longer while it is lost', async () => {
    const { world } = make({ is: 'hub', info: INFO });
    await jest.advanceTimersByTimeAsync(10);
    world.found = { is: 'nothing' };
    world.listener?.disconnected();
    await jest.advanceTimersByTimeAsync(600_000);
    expect(world.looks).toBeGreaterThan(8);
    expect(world.looks).toBeLessThan(80);
  });

  it('ends the live connection when the session is over', async () => {
    const { hub, world } = make({ is: 'hub', info: INFO });
    await jest.advanceTimersByTimeAsync(10);
    world.answer = new Refusal();
    await expect(hub.call((routes) => routes.getServer, { params: INFO.server })).rejects.toThrow(Refusal);
    expect(hub.phase).toBe('signed-out');
    expect(world.lives).toBe(0);
    world.found = { is: 'hub', info: INFO };
    void hub.retry();
    await jest.advanceTimersByTimeAsync(10);
    expect(hub.phase).toBe('connected');
    expect(world.lives).toBe(1);
  });

  it('does nothing more once it is disposed', async () => {
    const { hub, world } = make({ is: 'hub', info: INFO });
    await jest.advanceTimersByTimeAsync(10);
    hub.dispose();
    const { looks } = world;
    await jest.advanceTimersByTimeAsync(3_600_000);
    expect(world.looks).toBe(looks);
    expect(world.lives).toBe(0);
  });
});
