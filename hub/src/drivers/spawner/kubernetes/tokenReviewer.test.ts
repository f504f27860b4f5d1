import { describe, expect, it } from '@jest/globals';
import type { KubeApi } from './kubeApi.ts';
import { TokenReviewer } from './tokenReviewer.ts';

const TOKEN = 'aaa.bbb.ccc';
const GOOD = {
  authenticated: true,
  audiences: ['davit'],
  user: {
    username: 'system:serviceaccount:servers:default',
    extra: {
      'authentication.kubernetes.io/pod-name': ['davit-hub000000001-srv000000001'],
      'authentication.kubernetes.io/pod-uid': ['uid-1'],
    },
  },
};

function reviewer(status: object) {
  let [asked, now] = [0, 0];
  const api = {
    call: () => {
      asked += 1;
      return Promise.resolve({ status });
    },
  };
  const made = new TokenReviewer({
    api: api as unknown as KubeApi,
    instanceId: 'hub000000001',
    namespace: 'servers',
    serviceAccountName: 'default',
    clock: { now: () => new Date(now) },
  });
  const identify = (token: string) => made.identify(token, AbortSignal.timeout(1000));
  return { identify, asked: () => asked, wait: (ms: number) => (now += ms) };
}

describe('TokenReviewer', () => {
  it('knows the pod of a token', async () => {
    expect(await reviewer(GOOD).identify(TOKEN)).toEqual({ serverId: 'srv000000001', engineId: 'uid-1' });
  });

  it.each([
    ['is refused by the cluster', { ...GOOD, authenticated: false }],
    ['is for the API server', { ...GOOD, audiences: ['https://kubernetes.default.svc'] }],
    ['has no audience', { ...GOOD, audiences: undefined }],
    ['is another account’s', { ...GOOD, user: { ...GOOD.user, username: 'system:serviceaccount:other:default' } }],
    [
      'is of another hub’s pod',
      {
        ...GOOD,
        user: {
          ...GOOD.user,
          extra: { ...GOOD.user.extra, 'authentication.kubernetes.io/pod-name': ['davit-hub000000002-srv000000001'] },
        },
      },
    ],
    ['is of no pod', { ...GOOD, user: { ...GOOD.user, extra: {} } }],
  ])('knows nobody by a token that %s', async (_why, status) => {
    expect(await reviewer(status).identify(TOKEN)).toBeUndefined();
  });

  it('asks once in half a minute, and never for what is no such token', async () => {
    const { identify, asked, wait } = reviewer(GOOD);
    for (const token of [TOKEN, TOKEN, 'davit_x', '', 'a.b', `${'a'.repeat(5000)}.b.c`]) await identify(token);
    expect(asked()).toBe(1);
    wait(30_000);
    await identify(TOKEN);
    expect(asked()).toBe(2);
  });
});
