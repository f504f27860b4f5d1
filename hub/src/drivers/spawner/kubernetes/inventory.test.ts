import { describe, expect, it } from '@jest/globals';
import { haveUserNamespaces, inventoryOf, quantity, readiness, reservations } from './inventory.ts';
import type { Node } from './wire.ts';

const SETTINGS = { nodeSelector: {}, tolerations: [], gpus: { 'nvidia.com/gpu': 'NVIDIA', 'amd.com/gpu': 'AMD' } };

function node(
  name: string,
  changes: { labels?: Record<string, string>; spec?: Node['spec']; ready?: string } = {},
): Node {
  return {
    metadata: { name, labels: changes.labels ?? {} },
    spec: changes.spec ?? {},
    status: {
      allocatable: { cpu: '3920m', memory: '16106127360', 'nvidia.com/gpu': '2' },
      conditions: [{ type: 'Ready', status: changes.ready ?? 'True' }],
    },
  };
}

describe('the inventory of a cluster', () => {
  it('is what its nodes offer', () => {
    expect(inventoryOf([node('a')], SETTINGS)).toEqual({
      nodes: [
        {
          name: 'a',
          cpu: 3.92,
          memoryMb: 15_360,
          ready: true,
          labels: {},
          taints: [],
          gpus: [
            { id: 'a/0/nvidia.com/gpu', kind: 'NVIDIA', declared: false },
            { id: 'a/1/nvidia.com/gpu', kind: 'NVIDIA', declared: false },
          ],
        },
      ],
    });
  });

  it('calls cards as their node does, where it says so', () => {
    const labels = { 'nvidia.com/gpu.product': 'NVIDIA-A100-SXM4-80GB' };
    expect(inventoryOf([node('a', { labels })], SETTINGS).nodes[0]?.gpus[0]?.kind).toBe('NVIDIA-A100-SXM4-80GB');
  });

  it('leaves out nodes on which servers may not run, and tells what keeps some off others', () => {
    const taints = [
      { key: 'pool', value: 'db', effect: 'NoSchedule' },
      { key: 'slow', effect: 'PreferNoSchedule' },
      { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' },
    ];
    const nodes = [
      node('a', { labels: { pool: 'x' } }),
      node('b'),
      node('c', { labels: { pool: 'x' }, spec: { taints } }),
    ];
    const taintsOf = (tolerations: { key: string; value?: string }[]) =>
      inventoryOf(nodes, { ...SETTINGS, nodeSelector: { pool: 'x' }, tolerations }).nodes.map((one) => [
        one.name,
        one.taints,
      ]);
    expect(taintsOf([])).toEqual([
      ['a', []],
      ['c', [{ key: 'pool', value: 'db', effect: 'NoSchedule' }]],
    ]);
    expect(taintsOf([{ key: 'pool', value: 'db' }])).toEqual([
      ['a', []],
      ['c', []],
    ]);
    expect(taintsOf([{ key: 'pool', value: 'other' }])[1]?.[1]).toHaveLength(1);
  });

  it('has user namespaces where the runtime of every node says so', () => {
    const handlers = (found: Record<string, boolean>): Node => ({
      ...node('a'),
      status: {
        runtimeHandlers: Object.entries(found).map(([name, userNamespaces]) => ({
          name,
          features: { userNamespaces },
        })),
      },
    });
    const [all, some] = [handlers({ '': true, runc: true }), handlers({ '': true, sandbox: false })];
    const none = handlers({ '': false, runc: false });
    expect(
      [[all], [all, some], [all, none], [all, node('b')], []].map((one) => haveUserNamespaces(one, false)),
    ).toEqual([true, true, false, false, false]);
    // Another handler may be meant.
    expect([[all], [all, some]].map((one) => haveUserNamespaces(one, true))).toEqual([true, false]);
  });

  it('knows by which taints nodes are reserved, each once', () => {
    const lab = { key: 'lab', value: 'x', effect: 'NoSchedule' };
    const soft = { key: 'slow', effect: 'PreferNoSchedule' };
    const own = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
    const nodes = [node('a', { spec: { taints: [lab, own] } }), node('b', { spec: { taints: [lab, soft] } })];
    expect(reservations(nodes)).toEqual([lab]);
  });

  it('knows nodes that do not answer or are closed', () => {
    const spec = { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] };
    const nodes = [node('a'), node('b', { ready: 'Unknown' }), node('c', { spec })];
    expect(inventoryOf(nodes, SETTINGS).nodes.map(({ ready }) => ready)).toEqual([true, false, false]);
    // A closed node still answers: what runs there goes on.
    expect([...readiness(nodes)]).toEqual([
      ['a', true],
      ['b', false],
      ['c', true],
    ]);
  });
});

describe('quantity', () => {
  it.each([
    ['4', 4],
    ['1500m', 1.5],
    ['2Gi', 2 ** 31],
    ['1k', 1000],
    ['12E', 0],
    [undefined, 0],
  ])('%s is %s', (text, expected) => expect(quantity(text)).toBe(expected));
});
