import type { ServerApiInfo } from '@davit/contract';
import { describe, expect, it } from '@jest/globals';
import { settle, TestClock } from '../../test/clock.ts';
import { Signal } from '../base/signal.ts';
import { Hub, type Live } from './hub.ts';

const info: ServerApiInfo = {
  api: 1,
  version: '1',
  hubUrl: 'http://hub.test',
  user: { id: 'bbbbbbbbbbbb', name: 'ada' },
  server: { id: 'aaaaaaaaaaaa', name: 'lab', phase: 'running' },
};

function setUp() {
  const clock = new TestClock();
  const state = { up: true, asked: 0, lives: 0, disposed: false };
  const live: Live = {
    connected: new Signal(),
    ended: new Signal(),
    change: new Signal(),
    dispose: () => (state.disposed = true),
  };
  const ask = () => {
    state.asked += 1;
    return state.up ? Promise.resolve(info) : Promise.reject(new TypeError('refused'));
  };
  const connect = {
    ask,
    live: () => {
      state.lives += 1;
      return live;
    },
  };
  const hub = new Hub({ connect, clock });
  const missed: number[] = [];
  hub.missed.on(() => missed.push(clock.now()));
  return { clock, state, live, hub, missed };
}

describe('Hub', () => {
  it('is absent without an address, and asks nobody', async () => {
    const clock = new TestClock();
    const hub = new Hub({ clock });
    expect(hub.state.phase).toBe('connecting');
    await hub.connect();
    expect(hub.state.phase).toBe('absent');
    expect(clock.waiting).toBe(0);
  });

  it('is absent when nothing answers, tries ever more slowly, and finds the hub when it comes', async () => {
    const { clock, state, hub } = setUp();
    state.up = false;
    await hub.connect();
    expect(hub.state.phase).toBe('absent');
    await clock.pass(3_600_000);
    expect(state.asked).toBeGreaterThan(20);
    expect(state.asked).toBeLessThan(45);
    state.up = true;
    await clock.pass(120_000);
    expect(hub.state).toEqual({ phase: 'connected', info });
  });

  it('listens once, over each loss', async () => {
    const { clock, state, hub, live } = setUp();
    await hub.connect();
    live.connected.emit();
    live.ended.emit();
    await clock.pass(60_000);
    await hub.connect();
    expect(state.lives).toBe(1);
    hub.dispose();
    expect(state.disposed).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  it('says nothing of a short gap, but has everything asked for again', async () => {
    const { clock, hub, live, missed } = setUp();
    const phases: string[] = [];
    hub.stateChanged.on(({ phase }) => phases.push(phase));
    await hub.connect();
    live.connected.emit();
    expect(missed).toHaveLength(1);
    live.ended.emit();
    await clock.pass(500);
    live.connected.emit();
    await settle();
    expect(missed).toHaveLength(2);
    expect(phases).not.toContain('lost');
  });

  it('is lost while the hub restarts, keeps who we are, and comes back by itself', async () => {
    const { clock, state, hub, live, missed } = setUp();
    await hub.connect();
    live.connected.emit();
    state.up = false;
    live.ended.emit();
    await clock.pass(2000);
    expect(hub.state).toEqual({ phase: 'lost', info });
    state.up = true;
    await clock.pass(5000);
    expect(hub.state.phase).toBe('connected');
    expect(missed).toHaveLength(2);
  });

  it('comes back at once when events arrive again', async () => {
    const { clock, state, hub, live } = setUp();
    await hub.connect();
    state.up = false;
    live.ended.emit();
    await clock.pass(100_000);
    expect(hub.state.phase).toBe('lost');
    state.up = true;
    live.connected.emit();
    await settle();
    expect(hub.state.phase).toBe('connected');
  });
});
