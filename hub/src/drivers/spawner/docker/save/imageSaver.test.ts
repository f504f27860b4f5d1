import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpawnRefused } from '../../../../domains/servers/spawner.ts';
import { systemClock } from '../../../../platform/clock.ts';
import { createLog } from '../../../../platform/log.ts';
import { NotHeld } from '../../../../platform/ticket.ts';
import { quietly, testTarget } from '../../saveConformance.ts';
import type { Engine } from '../connect.ts';
import type { ContainerApi } from '../containerApi.ts';
import { ImageSaver } from './imageSaver.ts';

describe('a save that fails', () => {
  let dir: string;
  let removed: string[];
  beforeEach(async () => {
    [dir, removed] = [await mkdtemp(join(tmpdir(), 'davit-test-')), []];
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  /** Of a container that is gone. */
  const save = async (confirm: () => Promise<void>) => {
    const image = (ref: string) => ({
      remove: () => {
        removed.push(ref);
        return Promise.resolve();
      },
    });
    const saver = new ImageSaver(
      { client: { getImage: image } } as unknown as Engine,
      {
        ...{ instanceId: 'hub000000001', sources: {}, tmpfsDirs: [], savesDir: join(dir, 'saves') },
        ...{ log: createLog('silent'), clock: systemClock },
      },
      { inspect: () => Promise.resolve(undefined) } as unknown as ContainerApi,
    );
    const target = testTarget();
    const failed = saver.save({ serverId: 'server000001', engineId: 'gone' }, target, quietly({ confirm }));
    await expect(failed).rejects.toThrow(SpawnRefused);
    return [`localhost/davit-saving-hub000000001-${target.job}:latest`, target.ref];
  };

  it('takes away what it has left, before and after', async () => {
    const refs = await save(() => Promise.resolve());
    expect(removed).toEqual([...refs, ...refs]);
  });

  it('takes nothing away when another hub acts by then: the image may be that one’s', async () => {
    const refs = await save(() => Promise.reject(new NotHeld('Another hub acts now, so this one does not.')));
    expect(removed).toEqual(refs);
  });
});
