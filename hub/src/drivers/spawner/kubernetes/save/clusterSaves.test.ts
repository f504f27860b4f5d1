import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../../platform/clock.ts';
import { createLog } from '../../../../platform/log.ts';
import { NotHeld } from '../../../../platform/ticket.ts';
import { quietly, testTarget } from '../../saveConformance.ts';
import type { Cluster } from '../cluster.ts';
import { CONTAINER } from '../settings.ts';
import type { Pod } from '../wire.ts';
import { ClusterSaves } from './clusterSaves.ts';
import type { SaverPlace, Savers } from './savers.ts';

const PULL_HOST = 'registry:5000';
const REF = { serverId: 'server000001', engineId: 'uid' };
const replaced = () => Promise.reject(new NotHeld('Another hub acts now, so this one does not.'));

const POD: Pod = {
  metadata: { uid: REF.engineId },
  spec: { nodeName: 'n1', containers: [{ name: CONTAINER, image: `${PULL_HOST}/davit/x@sha256:${'0'.repeat(64)}` }] },
  status: {
    containerStatuses: [
      {
        ...{ name: CONTAINER, image: '', imageID: '', ready: true, restartCount: 0 },
        containerID: `containerd://${'a'.repeat(64)}`,
        state: { running: {} },
      },
    ],
  },
};

/** Saves with a saver that goes on until the hub hangs up, and what was done to others' work from there on. */
function saving() {
  const done: string[] = [];
  const { promise: begun, resolve } = Promise.withResolvers<undefined>();
  const savers = {
    on: (node: string) => Promise.resolve({ node, url: 'http://saver' }),
    ask: (_: SaverPlace, { action }: { action: string }) => {
      done.push(action);
      return Promise.resolve({});
    },
    async *follow(_place: SaverPlace, _wanted: object, signal: AbortSignal) {
      done.push('save');
      resolve(undefined);
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    },
  };
  const remove = (ref: string) => {
    done.push(`remove ${ref.split('/')[0]}`);
    return Promise.resolve();
  };
  const saves = new ClusterSaves({
    instanceId: 'hub000000001',
    cluster: { pod: () => Promise.resolve(POD) } as unknown as Cluster,
    savers: savers as unknown as Savers,
    settings: {
      ...{ namespace: 'davit', labels: {}, port: 7072, sign: () => Promise.resolve('') },
      registry: { pullHost: PULL_HOST, pushUrl: new URL('http://registry:5000'), token: undefined, remove },
    },
    clock: systemClock,
    log: createLog('silent'),
  });
  return { saves, done, begun };
}

describe('ClusterSaves', () => {
  it('cleans up after a save that is cancelled', async () => {
    const { saves, done, begun } = saving();
    const abort = new AbortController();
    const save = saves.save(REF, testTarget(), quietly({ signal: abort.signal }));
    await begun;
    abort.abort(new Error('enough'));
    await expect(save).rejects.toThrow('enough');
    expect(done).toEqual([`remove ${PULL_HOST}`, 'save', 'cancel', `remove ${PULL_HOST}`]);
  });

  it('leaves all as it is when another hub acts by then: the save that goes on and the image may be that one’s', async () => {
    const { saves, done, begun } = saving();
    const abort = new AbortController();
    let confirm = () => Promise.resolve();
    const save = saves.save(REF, testTarget(), quietly({ signal: abort.signal, confirm: () => confirm() }));
    await begun;
    // The hub is stopped here for longer than its lease lives.
    confirm = replaced;
    abort.abort(new NotHeld('This hub has the lease no more.'));
    await expect(save).rejects.toThrow(NotHeld);
    expect(done).toEqual([`remove ${PULL_HOST}`, 'save']);
  });

  it('asks no saver when another hub acts by then: it would end what it does for that one', async () => {
    const { saves, done } = saving();
    await expect(saves.save(REF, testTarget(), quietly({ confirm: replaced }))).rejects.toThrow(NotHeld);
    expect(done).toEqual([`remove ${PULL_HOST}`]);
  });
});
