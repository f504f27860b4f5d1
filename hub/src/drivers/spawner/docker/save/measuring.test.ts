import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../../platform/clock.ts';
import { createLog } from '../../../../platform/log.ts';
import type { Engine } from '../connect.ts';
import type { ContainerApi } from '../containerApi.ts';
import { ImageSaver } from './imageSaver.ts';

const turn = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('measuring what a save would hold', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'davit-test-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('is done once for all who ask meanwhile, and of two containers at a time', async () => {
    const looked: string[] = [];
    const end = Promise.withResolvers<never>();
    const image = (id: string) => ({
      inspect: () => {
        looked.push(id);
        return end.promise;
      },
    });
    const container = (id: string) => ({
      Id: id,
      Image: `image of ${id}`,
      Mounts: [],
      State: { Running: true, Pid: process.pid },
      HostConfig: {},
    });
    const saver = new ImageSaver(
      { client: { getImage: image } } as unknown as Engine,
      {
        ...{ instanceId: 'hub000000001', sources: {}, tmpfsDirs: [], savesDir: join(dir, 'saves') },
        ...{ log: createLog('silent'), clock: systemClock, diskOf: () => Promise.resolve({ free: 2e9, total: 1e10 }) },
      },
      {
        inspect: (id: string) => Promise.resolve(container(id)),
        machine: () => Promise.resolve({ rootDir: '/' }),
      } as unknown as ContainerApi,
    );
    const { signal } = new AbortController();
    const asked = ['a', 'a', 'b', 'a', 'c', 'b', 'c'].map((id) =>
      saver.measure({ serverId: 'server000001', engineId: id }, [], signal),
    );
    await turn();
    expect(looked).toEqual(['image of a', 'image of b']);
    end.reject(new Error('gone'));
    const [first, ...others] = await Promise.all(asked);
    expect(looked).toEqual(['image of a', 'image of b', 'image of c']);
    expect(first).toMatchObject({ changedBytes: null, notSaved: [{ path: '/dev/shm', why: 'tmpfs' }] });
    expect(others[0]).toBe(first);
  });
});
