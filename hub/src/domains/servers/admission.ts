import type { Reason, Resources } from '@davit/contract';
import { machinesFor, noMachine, type Placed } from './placing.ts';
import { decimal, memoryText, reason } from './reasons.ts';
import { memoryFor, Room, type CapacityPolicy, type Holder } from './room.ts';
import type { Inventory } from './spawner.ts';

/** A server that waits for resources. */
export interface Waiting extends Resources, Placed {
  id: string;
}

/** What becomes of a server that waits: its cards, or what it waits for. */
export type Verdict =
  { id: string; admitted: true; gpuIds: string[] } | { id: string; admitted: false; reason: Reason };

/**
 * Why no machine on which it may run could ever hold this, as words for a person; undefined when one could, or when
 * there is none for it at all.
 */
export function tooLarge(asked: Resources & Placed, inventory: Inventory, policy: CapacityPolicy): string | undefined {
  const nodes = machinesFor(inventory.nodes, asked);
  if (nodes.length === 0 && inventory.nodes.length > 0) return undefined;
  const cpu = Math.max(0, ...nodes.map((node) => node.cpu));
  const memoryMb = Math.max(0, ...nodes.map((node) => memoryFor(node.memoryMb, policy)));
  const gpu = Math.max(0, ...nodes.map((node) => node.gpus.length));
  if (asked.cpu > cpu) return `${decimal(asked.cpu)} CPU were asked for, the largest machine has ${decimal(cpu)}.`;
  if (asked.memoryMb > memoryMb) {
    const round = memoryText(asked.memoryMb) !== memoryText(memoryMb);
    const [wanted, there] = [asked.memoryMb, memoryMb].map((mb) => (round ? memoryText(mb) : `${mb} MiB`));
    return `${wanted} of memory were asked for, the largest machine has ${there} for servers.`;
  }
  if (asked.gpu <= gpu) return undefined;
  return gpu === 0
    ? 'A GPU was asked for, no machine has one.'
    : `${cards(asked.gpu)} were asked for, the largest machine has ${gpu}.`;
}

/** True when so little disk is free that a start would endanger what runs. */
export function diskIsLow(inventory: Inventory, policy: CapacityPolicy): boolean {
  const disk = inventory.disk;
  return disk !== undefined && disk.totalMb > 0 && disk.freeMb / disk.totalMb < policy.minFreeDisk;
}

/**
 * Who of the queue may start, first come first served. What a waiting server still lacks stays set aside for it, so a
 * later one passes only where it takes nothing that an earlier one waits for. Cards are given by id, each to one holder.
 */
export function admit(
  queue: readonly Waiting[],
  holders: readonly Holder[],
  inventory: Inventory,
  policy: CapacityPolicy,
): Verdict[] {
  const room = new Room(inventory, holders, policy);
  const low = diskIsLow(inventory, policy) ? lowDisk(inventory) : undefined;
  return queue.map((waiting): Verdict => {
    const blocked = low ?? noMachine(inventory.nodes, waiting);
    if (blocked !== undefined) return { id: waiting.id, admitted: false, reason: blocked };
    const never = tooLarge(waiting, inventory, policy);
    const lack = room.lackOf(waiting);
    if (lack === undefined && never === undefined)
      return { id: waiting.id, admitted: true, gpuIds: room.admit(waiting) };
    // What can never fit must not hold the others back; the machines may have shrunk since it was asked for.
    const code = lack ?? 'no-free-cpu';
    const words = never === undefined ? room.setAside(waiting, code) : reason(code, `Waits: ${never}`);
    return { id: waiting.id, admitted: false, reason: words };
  });
}

function lowDisk(inventory: Inventory): Reason {
  const freeMb = inventory.disk?.freeMb ?? 0;
  const totalMb = inventory.disk?.totalMb ?? 0;
  const [free, total] = [memoryText(freeMb), memoryText(totalMb)];
  return reason('low-disk', `Waits: only ${free} of ${total} of the disk are free. An admin has to free some space.`, {
    free,
    total,
  });
}

function cards(gpu: number): string {
  return gpu === 1 ? 'A GPU' : `${gpu} GPUs`;
}
