import { describe, expect, it } from '@jest/globals';
import { admit, tooLarge, type Waiting } from './admission.ts';
import { DEFAULT_CAPACITY, type Holder } from './room.ts';
import type { Gpu, Inventory } from './spawner.ts';

const gpu = (id: string): Gpu => ({ id, kind: 'Fake', declared: true });
const machine = (gpus: Gpu[] = [], changes: Partial<Inventory> = {}): Inventory => ({
  nodes: [{ name: 'one', cpu: 2, memoryMb: 9216, gpus, ready: true }],
  ...changes,
});
const waiting = (id: string, changes: Partial<Waiting> = {}): Waiting => ({
  id,
  cpu: 1,
  memoryMb: 1024,
  gpu: 0,
  ...changes,
});
const holder = (changes: Partial<Holder> = {}): Holder => ({ cpu: 1, memoryMb: 1024, gpu: 0, gpuIds: [], ...changes });

/** `a+` admitted, `a+g0` with a card, otherwise the sentence. */
function verdicts(queue: Waiting[], holders: Holder[], inventory: Inventory): string[] {
  return admit(queue, holders, inventory, DEFAULT_CAPACITY).map((verdict) =>
    verdict.admitted ? `${verdict.id}+${verdict.gpuIds.join('+')}` : `${verdict.id}: ${verdict.reason.message}`,
  );
}

describe('admit', () => {
  it('lets in whoever fits, four times the cores and all memory but the reserve', () => {
    const queue = Array.from({ length: 9 }, (_, n) => waiting(`s${n}`));
    expect(verdicts(queue, [], machine())).toEqual([
      ...Array.from({ length: 8 }, (_, n) => `s${n}+`),
      's8: Waits for free memory: 8 GiB of 8 GiB in use; next in the queue',
    ]);
  });

  it('gives each card to one server and tells the others their position', () => {
    const queue = ['a', 'b', 'c'].map((id) => waiting(id, { gpu: 1 }));
    expect(verdicts(queue, [], machine([gpu('g0')]))).toEqual([
      'a+g0',
      'b: Waits for a free GPU: 1 of 1 in use; next in the queue',
      'c: Waits for a free GPU: 1 of 1 in use; 2nd in the queue',
    ]);
    expect(verdicts(queue, [holder({ gpu: 1, gpuIds: ['g1'] })], machine([gpu('g0'), gpu('g1')]))).toEqual([
      'a+g0',
      'b: Waits for a free GPU: 2 of 2 in use; next in the queue',
      'c: Waits for a free GPU: 2 of 2 in use; 2nd in the queue',
    ]);
  });

  it('lets a small one pass only where the one before does not need what it takes', () => {
    const cards = [gpu('g0'), gpu('g1')];
    const held = [holder({ gpu: 1, gpuIds: ['g0'] })];
    expect(
      verdicts([waiting('two', { gpu: 2 }), waiting('one', { gpu: 1 }), waiting('none')], held, machine(cards)),
    ).toEqual([
      'two: Waits for a free GPU: 1 of 2 in use; next in the queue',
      'one: Waits for a free GPU: 1 of 2 in use; 2nd in the queue',
      'none+',
    ]);
    expect(verdicts([waiting('big', { memoryMb: 8192 }), waiting('small')], [holder()], machine())).toEqual([
      'big: Waits for free memory: 1 GiB of 8 GiB in use; next in the queue',
      'small: Waits for free memory: 1 GiB of 8 GiB in use; 2nd in the queue',
    ]);
  });

  it('takes all cards of a server from one node', () => {
    const nodes = [
      { name: 'one', cpu: 2, memoryMb: 9216, gpus: [gpu('a0'), gpu('a1')], ready: true },
      { name: 'two', cpu: 2, memoryMb: 9216, gpus: [gpu('b0'), gpu('b1')], ready: true },
    ];
    const held = [holder({ gpu: 1, gpuIds: ['a0'] })];
    expect(verdicts([waiting('x', { gpu: 2 })], held, { nodes })).toEqual(['x+b0+b1']);
    expect(verdicts([waiting('x', { gpu: 2 })], [...held, holder({ gpuIds: ['b1'] })], { nodes })).toEqual([
      'x: Waits for a free GPU: 2 of 4 in use; next in the queue',
    ]);
  });

  it('gives no card twice on several nodes, and never splits a server over them', () => {
    const cards = (node: string) => [gpu(`${node}0`), gpu(`${node}1`)];
    const room = { cpu: 8, memoryMb: 32_768, ready: true };
    const nodes = [
      { ...room, name: 'a', gpus: cards('a') },
      { ...room, name: 'b', gpus: cards('b') },
    ];
    const singles = Array.from({ length: 5 }, (_, n) => waiting(`s${n}`, { gpu: 1 }));
    expect(verdicts(singles, [], { nodes })).toEqual([
      's0+a0',
      's1+a1',
      's2+b0',
      's3+b1',
      's4: Waits for a free GPU: 4 of 4 in use; next in the queue',
    ]);
    expect(verdicts([waiting('three', { gpu: 3 })], [], { nodes })).toEqual([
      'three: Waits: 3 GPUs were asked for, the largest machine has 2.',
    ]);
    const apart = [holder({ gpuIds: ['a0'] }), holder({ gpuIds: ['b1'] })];
    expect(verdicts([waiting('two', { gpu: 2 })], apart, { nodes })).toEqual([
      'two: Waits for a free GPU: 2 of 4 in use; next in the queue',
    ]);
  });

  it('adds fractions of cores up without falling over the last bit', () => {
    const held = Array.from({ length: 79 }, () => holder({ cpu: 0.1, memoryMb: 1 }));
    expect(verdicts([waiting('last', { cpu: 0.1 })], held, machine())).toEqual(['last+']);
    expect(verdicts([waiting('over', { cpu: 0.2 })], held, machine())[0]).toBe(
      'over: Waits for free CPU: 7.9 of 8 in use; next in the queue',
    );
  });

  it('lets nobody in when less than 5 % of the disk is free', () => {
    const full = machine([], { disk: { freeMb: 4096, totalMb: 102_400 } });
    expect(verdicts([waiting('a')], [], full)).toEqual([
      'a: Waits: only 4 GiB of 100 GiB of the disk are free. An admin has to free some space.',
    ]);
    expect(verdicts([waiting('a')], [], machine([], { disk: { freeMb: 5120, totalMb: 102_400 } }))).toEqual(['a+']);
  });

  it('does not let one that can never fit hold the others up', () => {
    expect(verdicts([waiting('gone', { gpu: 1 }), waiting('a')], [], machine())).toEqual([
      'gone: Waits: A GPU was asked for, no machine has one.',
      'a+',
    ]);
  });

  it('counts no machine that is not ready', () => {
    const nodes = machine().nodes.map((node) => ({ ...node, ready: false }));
    expect(verdicts([waiting('a')], [], { nodes })).toEqual([
      'a: Waits for free memory: 0 MiB of 0 MiB in use; next in the queue',
    ]);
  });
});

describe('tooLarge', () => {
  it.each([
    [{ cpu: 2.1, memoryMb: 1, gpu: 0 }, '2.1 CPU were asked for, the largest machine has 2.'],
    [
      { cpu: 1, memoryMb: 8193, gpu: 0 },
      '8193 MiB of memory were asked for, the largest machine has 8192 MiB for servers.',
    ],
    [
      { cpu: 1, memoryMb: 10_240, gpu: 0 },
      '10 GiB of memory were asked for, the largest machine has 8 GiB for servers.',
    ],
    [{ cpu: 1, memoryMb: 1, gpu: 3 }, '3 GPUs were asked for, the largest machine has 1.'],
    [{ cpu: 2, memoryMb: 8192, gpu: 1 }, undefined],
  ])('%j: %s', (asked, words) => {
    expect(tooLarge(asked, machine([gpu('g0')]), DEFAULT_CAPACITY)).toBe(words);
  });
});
