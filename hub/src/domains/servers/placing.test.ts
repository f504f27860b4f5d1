import { placementSchema, type Placement } from '@davit/contract';
import { describe, expect, it } from '@jest/globals';
import { admit, tooLarge, type Waiting } from './admission.ts';
import { machinesFor, noMachine } from './placing.ts';
import { DEFAULT_CAPACITY, Room, type Holder } from './room.ts';
import { tolerates, type Inventory } from './spawner.ts';

type Node = Inventory['nodes'][number];

const node = (name: string, changes: Partial<Node> = {}): Node => ({
  name,
  cpu: 2,
  memoryMb: 5120,
  gpus: [],
  ready: true,
  labels: {},
  taints: [],
  ...changes,
});
const card = (id: string) => ({ id, kind: 'Fake', declared: false });
const placed = (placement: Partial<Placement> = {}): Placement => ({ ...placementSchema.parse({}), ...placement });
const on = (nodeSelector: Record<string, string>, key = 'lab'): Placement =>
  placed({ nodeSelector, tolerations: [{ key }] });

/** Two machines of everybody, one of a lab: labelled, and kept for the lab by a taint. */
const LAB = node('lab', {
  gpus: [card('lab/0')],
  labels: { pool: 'lab' },
  taints: [{ key: 'lab', value: 'x', effect: 'NoSchedule' }],
});
const CLUSTER = [node('a', { labels: { pool: 'all' } }), node('b', { labels: { pool: 'all' } }), LAB];
const names = (placement?: Placement) => machinesFor(CLUSTER, { placement }).map(({ name }) => name);

describe('the machines for a server', () => {
  it('are those that are open to all where nothing is said', () => {
    expect(names()).toEqual(['a', 'b']);
    expect(names(placed())).toEqual(['a', 'b']);
  });

  it('have all its labels and no taint that it does not tolerate', () => {
    expect(names(placed({ nodeSelector: { pool: 'lab' } }))).toEqual([]);
    expect(names(placed({ tolerations: [{ key: 'lab' }] }))).toEqual(['a', 'b', 'lab']);
    expect(names(on({ pool: 'lab' }))).toEqual(['lab']);
    expect(names(on({ pool: 'lab', zone: '1' }))).toEqual([]);
  });

  it('are all machines of an engine that has no labels', () => {
    const { labels: _labels, taints: _taints, ...bare } = node('one');
    expect(machinesFor([bare], { placement: on({ pool: 'lab' }) })).toEqual([bare]);
  });
});

describe('tolerates', () => {
  const taint = { key: 'lab', value: 'x', effect: 'NoSchedule' };
  it.each([
    [{ key: 'lab' }, true],
    [{ key: 'lab', value: 'x' }, true],
    [{ key: 'lab', value: 'y' }, false],
    [{ key: 'lab', value: '' }, false],
    [{ key: 'lab', value: 'x', effect: 'NoSchedule' as const }, true],
    [{ key: 'lab', effect: 'NoExecute' as const }, false],
    [{ key: 'other' }, false],
  ])('%j: %s', (toleration, expected) => expect(tolerates(toleration, taint)).toBe(expected));

  it('takes a taint without a value as one with an empty one', () => {
    expect(tolerates({ key: 'lab', value: '' }, { key: 'lab', effect: 'NoSchedule' })).toBe(true);
  });
});

describe('a server for which there is no machine', () => {
  const why = (placement?: Placement) => noMachine(CLUSTER, { placement })?.message;

  it('says which label lacks', () => {
    expect(why(on({ pool: 'none', zone: '1' }))).toMatch(
      /^Waits for a machine with all the labels pool=none, zone=1: /,
    );
    expect(why(on({ pool: 'lab', zone: '1' }))).toMatch(/the label zone=1: the cluster has none\. Tell an admin/);
    const mixed = [node('a', { labels: { x: '1' } }), node('b', { labels: { y: '1' } })];
    expect(noMachine(mixed, { placement: on({ x: '1', y: '1' }) })?.params).toEqual({ labels: 'x=1, y=1' });
  });

  it('says which taint keeps it off', () => {
    expect(why(placed({ nodeSelector: { pool: 'lab' } }))).toMatch(/reserved by a taint \(lab=x\)/);
    expect(noMachine([LAB], {})?.code).toBe('no-machine');
  });

  it('waits for other reasons where there is one, or no machine at all', () => {
    expect(why()).toBeUndefined();
    expect(why(on({ pool: 'lab' }))).toBeUndefined();
    expect(noMachine([], { placement: on({ pool: 'none' }) })).toBeUndefined();
  });

  it('is no matter of its size, and holds nobody up', () => {
    const none = waiting('none', on({ pool: 'none' }));
    expect(tooLarge({ ...none, cpu: 100 }, { nodes: CLUSTER }, DEFAULT_CAPACITY)).toBeUndefined();
    expect(verdicts([none, waiting('next')])).toEqual([expect.stringContaining('none: Waits for a machine'), 'next+']);
  });
});

function waiting(id: string, placement?: Placement, changes: Partial<Waiting> = {}): Waiting {
  return { id, cpu: 1, memoryMb: 4096, gpu: 0, placement, ...changes };
}
const holder = (placement?: Placement, changes: Partial<Holder> = {}): Holder => ({
  cpu: 1,
  memoryMb: 4096,
  gpu: 0,
  gpuIds: [],
  placement,
  ...changes,
});
function verdicts(queue: Waiting[], holders: Holder[] = []): string[] {
  return admit(queue, holders, { nodes: CLUSTER }, DEFAULT_CAPACITY).map((verdict) =>
    verdict.admitted ? `${verdict.id}+${verdict.gpuIds.join('+')}` : `${verdict.id}: ${verdict.reason.message}`,
  );
}

// Each machine has 4 GiB for servers, and each server here takes them all.
describe('admission among machines that are not for all', () => {
  const lab = on({ pool: 'lab' });
  const anywhere = placed({ tolerations: [{ key: 'lab' }] });

  it('gives the lab’s machine to the lab alone', () => {
    expect(verdicts([waiting('1'), waiting('2'), waiting('3'), waiting('4', lab), waiting('5', lab)])).toEqual([
      '1+',
      '2+',
      '3: Waits for free memory: 8 GiB of 8 GiB in use; next in the queue',
      '4+',
      '5: Waits for free memory: 4 GiB of 4 GiB in use; next in the queue',
    ]);
  });

  it('gives the cards of machines where the server may run', () => {
    const gpu = { gpu: 1 };
    expect(verdicts([waiting('1', undefined, gpu), waiting('2', lab, gpu), waiting('3', lab, gpu)])).toEqual([
      '1: Waits: A GPU was asked for, no machine has one.',
      '2+lab/0',
      '3: Waits for a free GPU: 1 of 1 in use; next in the queue',
    ]);
  });

  it('counts those that may run elsewhere too only as far as there is no room elsewhere', () => {
    expect(verdicts([waiting('1'), waiting('2'), waiting('3')], [holder(anywhere)])).toEqual([
      '1+',
      '2+',
      expect.stringContaining('3: Waits for free memory: 8 GiB of 8 GiB'),
    ]);
    expect(verdicts([waiting('1'), waiting('2')], [holder(anywhere), holder(anywhere)])).toEqual([
      '1+',
      expect.stringContaining('2: Waits for free memory: 8 GiB of 8 GiB'),
    ]);
    expect(verdicts([waiting('1', anywhere), waiting('2', anywhere)], [holder(), holder()])).toEqual([
      '1+',
      expect.stringContaining('2: Waits for free memory: 12 GiB of 12 GiB'),
    ]);
  });

  it('sets nothing aside on machines that the waiting one cannot use', () => {
    expect(verdicts([waiting('1', lab), waiting('2')], [holder(lab)])).toEqual([
      expect.stringContaining('1: Waits for free memory: 4 GiB of 4 GiB in use; next'),
      '2+',
    ]);
  });

  it('offers each person what the person may use', () => {
    const offer = (placement?: Placement) =>
      new Room({ nodes: CLUSTER }, [holder(lab, { gpu: 1, gpuIds: ['lab/0'] })], DEFAULT_CAPACITY).offer({ placement });
    expect(offer()).toMatchObject({ total: { memoryMb: 8192, gpu: 0 }, free: { memoryMb: 8192 }, cards: [] });
    expect(offer(lab)).toMatchObject({ total: { memoryMb: 4096, gpu: 1 }, free: { memoryMb: 0, gpu: 0 } });
    expect(offer(lab).cards).toEqual([{ gpu: card('lab/0'), isFree: false }]);
  });

  it('calls a size too large that only machines of others have', () => {
    const big = { cpu: 1, memoryMb: 1024, gpu: 1 };
    expect(tooLarge(big, { nodes: CLUSTER }, DEFAULT_CAPACITY)).toBe('A GPU was asked for, no machine has one.');
    expect(tooLarge({ ...big, placement: lab }, { nodes: CLUSTER }, DEFAULT_CAPACITY)).toBeUndefined();
  });
});
