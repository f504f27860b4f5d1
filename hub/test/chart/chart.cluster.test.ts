import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createServer, getImageJob, getMe, openServer, saveServer, stopServer, type Server } from '@davit/contract';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';
import type { Claim, List } from '../../src/drivers/spawner/kubernetes/wire.ts';
import { eventually } from '../../src/drivers/spawner/conformance.ts';
import { LIVE_PATH } from '../../src/platform/live.ts';
import { randomId } from '../../src/platform/random.ts';
import { newPerson, newServer, signIn, untilPhase, type Person } from '../hubClient.ts';
import { enterServer } from '../hubServers.ts';
import { InstalledChart } from './install.ts';

const MINUTE = 60_000;
jest.setTimeout(5 * MINUTE);
const signal = () => AbortSignal.timeout(MINUTE);

describe('the chart on a cluster', () => {
  let chart: InstalledChart;
  let ada: Person;
  let server: Server;
  let live: Socket | undefined;

  beforeAll(async () => {
    chart = await InstalledChart.install({ namespace: `davit-test-${randomId()}`, images: ['jupyterlab'] });
  }, 20 * MINUTE);

  afterAll(async () => {
    live?.close();
    await chart.dispose();
  }, 3 * MINUTE);

  /** The status of a page of the hub, on a connection of its own and without another try. */
  const statusOf = (path: string, headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port: chart.port, path, headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.setTimeout(20_000, () => asked.destroy(new Error(`no answer from ${path}`)));
      asked.on('error', reject);
      asked.end();
    });

  const enter = async () => enterServer(chart, await ada.call(openServer, { params: { id: server.id }, body: {} }));

  it('runs two hubs and what they need', async () => {
    const ready = async (component: string) =>
      (await chart.pods(component)).map(({ status }) => status?.containerStatuses?.every((one) => one.ready));
    expect(await ready('hub')).toEqual([true, true]);
    for (const part of ['postgres', 'registry', 'image-saver'])
      expect([part, await ready(part)]).toEqual([part, [true]]);
  });

  it('starts JupyterLab as a pod in the namespace of servers, and lets its owner in', async () => {
    ada = await newPerson(chart, await signIn(chart), 'ada');
    server = await newServer(ada, 'jupyterlab', 'work');
    await untilPhase(ada, server.id, ['running'], 4 * MINUTE);
    expect(await (await enter()).status('/jupyterlab/api')).toBe(200);
    const { items } = await chart.api.call<List<Claim>>(
      'GET',
      chart.path('persistentvolumeclaims', chart.serversNamespace),
      { signal: signal() },
    );
    expect(items.length).toBeGreaterThan(0);
  });

  it('saves it as an image into its registry, and starts the saved one', async () => {
    const body = { name: 'env', version: '1' };
    const { id } = await ada.call(saveServer, { params: { id: server.id }, body });
    const job = await eventually(async () => {
      const now = await ada.call(getImageJob, { params: { id } });
      return now.endedAt === null ? undefined : now;
    }, 2 * MINUTE);
    expect([job.phase, job.reason]).toEqual(['done', null]);
    // The node has room for one.
    await ada.call(stopServer, { params: { id: server.id } });
    await untilPhase(ada, server.id, ['stopped'], MINUTE);
    const saved = { name: 'saved', imageId: job.imageId ?? '', start: true };
    server = await ada.call(createServer, { body: saved });
    await untilPhase(ada, server.id, ['running'], 4 * MINUTE);
    expect(await (await enter()).status('/jupyterlab/api')).toBe(200);
  });

  it('loses no session, no request and no live page while it is upgraded', async () => {
    const browser = await enter();
    const before = (await chart.pods('hub')).map(({ metadata }) => metadata?.name);
    live = io(chart.url, {
      path: LIVE_PATH,
      transports: ['websocket'],
      extraHeaders: { cookie: ada.cookie, origin: chart.url },
    });
    let connects = 0;
    live.on('connect', () => (connects += 1));
    const upgrading = chart.upgrade('hub.logLevel=debug').then(() => true);
    const answers: Record<string, number> = {};
    const count = async (what: string, asked: Promise<number>): Promise<void> => {
      const key = `${what} ${await asked.catch(String)}`;
      answers[key] = (answers[key] ?? 0) + 1;
    };
    let isDone = false;
    while (!isDone) {
      await count('session', statusOf('/api/v1/me', { host: `localhost:${chart.port}`, cookie: ada.cookie }));
      await count('server', browser.status('/jupyterlab/api'));
      isDone = await Promise.race([upgrading, sleep(50, false)]);
    }
    expect(Object.keys(answers).sort()).toEqual(['server 200', 'session 200']);
    expect(answers['session 200']).toBeGreaterThan(50);
    const after = (await chart.pods('hub')).filter(({ metadata }) => metadata?.deletionTimestamp === undefined);
    expect(after).toHaveLength(2);
    expect(after.filter(({ metadata }) => before.includes(metadata?.name))).toEqual([]);
    // The hub that held it may still be draining.
    await eventually(() => Promise.resolve(connects > 1 && live?.connected ? true : undefined), MINUTE);
    expect((await ada.call(getMe, {})).user.id).toBe(ada.userId);
  });

  it('gives the hub the rights it needs and no others', async () => {
    const may = async (verb: string, resource: string, namespace: string | undefined, subresource?: string) => {
      const user = `system:serviceaccount:${chart.namespace}:davit-hub`;
      const [group = '', name = ''] = resource.includes('/') ? resource.split('/') : ['', resource];
      const resourceAttributes = { verb, group, resource: name, namespace, subresource };
      const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user, resourceAttributes },
      };
      const { status } = await chart.api.call<{ status: { allowed: boolean } }>('POST', path, {
        body,
        signal: signal(),
      });
      return status.allowed;
    };
    const servers = chart.serversNamespace;
    for (const verb of ['get', 'list', 'watch', 'create', 'patch', 'delete'])
      expect(await may(verb, 'pods', servers)).toBe(true);
    expect(await may('list', 'nodes', undefined)).toBe(true);
    expect(await may('create', 'authentication.k8s.io/tokenreviews', undefined)).toBe(true);
    for (const [verb, resource, namespace, subresource] of [
      ['get', 'secrets', servers],
      ['list', 'secrets', chart.namespace],
      ['delete', 'persistentvolumeclaims', servers],
      ['list', 'persistentvolumeclaims', servers],
      ['create', 'pods', servers, 'exec'],
      ['create', 'pods', chart.namespace],
      ['list', 'pods', 'kube-system'],
      ['get', 'nodes', undefined],
      ['create', 'rbac.authorization.k8s.io/roles', servers],
      ['impersonate', 'users', undefined],
    ] as const) {
      expect([verb, resource, namespace, await may(verb, resource, namespace, subresource)]).toEqual([
        verb,
        resource,
        namespace,
        false,
      ]);
    }
  });

  it('leaves people’s files when it is removed', async () => {
    await ada.call(stopServer, { params: { id: server.id } });
    await untilPhase(ada, server.id, ['stopped'], MINUTE);
    const path = chart.path('persistentvolumeclaims', chart.serversNamespace);
    const names = async () =>
      (await chart.api.call<List<Claim>>('GET', path, { signal: signal() })).items.map(
        ({ metadata }) => metadata?.name,
      );
    const before = await names();
    await chart.helm('uninstall', chart.release, '--wait', '--timeout', '2m');
    expect(await names()).toEqual(before);
    await eventually(async () => ((await chart.pods('hub')).length === 0 ? true : undefined), 2 * MINUTE);
  });
});
