import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { INFO, TableHub } from '../../test/hubs.ts';
import { ServerModel } from './server.ts';

const SERVER = { id: INFO.server.id, name: 'lab', releasePolicy: '2h', release: null };
const STATE = { policy: '4h', releaseAt: null };

function makeModel(answers: Record<string, unknown> = {}) {
  const hub = new TableHub({
    getServer: SERVER,
    getServerMetrics: { samples: [] },
    getRelease: { state: null, allowed: ['2h', '4h'] },
    ...answers,
  });
  return { hub, model: new ServerModel(hub) };
}

describe('the server as the page knows it', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('is asked for once when the hub is found, and not measured while nobody looks', async () => {
    const { hub, model } = makeModel();
    await jest.advanceTimersByTimeAsync(600_000);
    expect(model.server).toEqual(SERVER);
    expect(model.allowedPolicies).toEqual(['2h', '4h']);
    expect(hub.count('getServer')).toBe(1);
    expect(hub.count('getServerMetrics')).toBe(0);
    model.dispose();
  });

  it('is measured at the pace of who looks most often, and no more once they left', async () => {
    const { hub, model } = makeModel();
    const slow = model.watch(15_000);
    const fast = model.watch(5_000);
    await jest.advanceTimersByTimeAsync(60_000);
    const measured = hub.count('getServerMetrics');
    expect(measured).toBeGreaterThanOrEqual(11);
    expect(measured).toBeLessThanOrEqual(14);
    expect(hub.count('getServer')).toBeLessThan(6);
    fast.dispose();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(hub.count('getServerMetrics') - measured).toBeLessThanOrEqual(5);
    slow.dispose();
    const last = hub.asked.length;
    await jest.advanceTimersByTimeAsync(600_000);
    expect(hub.asked).toHaveLength(last);
    model.dispose();
  });

  it('offers the policies that an admin allows meanwhile', async () => {
    const { hub, model } = makeModel();
    const watch = model.watch(5_000);
    await jest.advanceTimersByTimeAsync(10);
    hub.answers['getRelease'] = { state: null, allowed: ['2h', '24h'] };
    await jest.advanceTimersByTimeAsync(60_000);
    expect(model.allowedPolicies).toEqual(['2h', '24h']);
    expect(hub.count('getRelease')).toBeLessThan(6);
    watch.dispose();
    model.dispose();
  });

  it('is asked for again when it changed, and only it', async () => {
    const { hub, model } = makeModel();
    await jest.advanceTimersByTimeAsync(10);
    hub.changes.emit({ type: 'server', id: 'another00000', version: 1 });
    hub.changes.emit({ type: 'image', id: INFO.server.id, version: 1 });
    await jest.advanceTimersByTimeAsync(10);
    expect(hub.count('getServer')).toBe(1);
    hub.changes.emit({ type: 'server', id: INFO.server.id, version: 2 });
    await jest.advanceTimersByTimeAsync(10);
    expect(hub.count('getServer')).toBe(2);
    model.dispose();
  });

  it('is asked for once more when a change comes while a question is on its way', async () => {
    let answer: (() => void) | undefined;
    const { hub, model } = makeModel({
      getServer: () => new Promise((resolve) => (answer = () => resolve(SERVER))),
    });
    await jest.advanceTimersByTimeAsync(10);
    for (let version = 2; version < 5; version += 1) {
      hub.changes.emit({ type: 'server', id: INFO.server.id, version });
    }
    expect(hub.count('getServer')).toBe(1);
    answer?.();
    await jest.advanceTimersByTimeAsync(10);
    expect(hub.count('getServer')).toBe(2);
    model.dispose();
  });

  it('names the saves of it that are under way', async () => {
    const save = { id: 'j', name: 'env', version: '1' };
    const listImageJobs = jest.fn((_: unknown) => ({ items: [save] }));
    const { model } = makeModel({ listImageJobs });
    expect(await model.saves()).toEqual([save]);
    expect(listImageJobs).toHaveBeenCalledWith({ query: { server: INFO.server.id, active: 'true' } });
    model.dispose();
  });

  it('is shown without measurements where there are none', async () => {
    const { model } = makeModel({ getServerMetrics: new Error('Not running.') });
    model.watch(5_000);
    await jest.advanceTimersByTimeAsync(10);
    expect(model.server).toEqual(SERVER);
    expect(model.failure).toBeUndefined();
    model.dispose();
  });

  it('says why it cannot be shown, keeps what it knew, and forgets the reason when all is well again', async () => {
    const { hub, model } = makeModel();
    await jest.advanceTimersByTimeAsync(10);
    hub.answers['getServer'] = new Error('The database is away. Try again.');
    await model.refresh();
    expect(model.failure).toBe('The database is away. Try again.');
    expect(model.server).toEqual(SERVER);
    hub.answers['getServer'] = SERVER;
    await model.refresh();
    expect(model.failure).toBeUndefined();
    model.dispose();
  });

  it('says nothing of its own about a hub that is away', async () => {
    const { hub, model } = makeModel();
    await jest.advanceTimersByTimeAsync(10);
    hub.answers['getServer'] = new TypeError('refused');
    await model.refresh();
    expect(model.failure).toBeUndefined();
    hub.enter('lost');
    await model.refresh();
    expect(hub.count('getServer')).toBe(2);
    model.dispose();
  });

  it('shows what an action answered without asking again', async () => {
    const { model } = makeModel({
      setReleasePolicy: { state: STATE, allowed: ['4h'] },
      keepServer: { ...STATE, keepUntil: '2026-01-01T00:00:00Z' },
    });
    await jest.advanceTimersByTimeAsync(10);
    const drawn = jest.fn();
    model.changed.connect(drawn);
    await model.setPolicy('4h');
    expect(model.server).toMatchObject({ releasePolicy: '4h', release: STATE });
    expect(model.allowedPolicies).toEqual(['4h']);
    await model.keep(2);
    expect(model.server?.release?.keepUntil).toBe('2026-01-01T00:00:00Z');
    expect(drawn).toHaveBeenCalledTimes(2);
    model.dispose();
  });
});
