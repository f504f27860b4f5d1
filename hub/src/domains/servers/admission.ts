import type { Reason, Resources } from '@davit/contract';
import { decimal, memoryText, ordinal, reason } from './reasons.ts';
import type { Gpu, Inventory } from './spawner.ts';

/** How much of the machines servers may ask for. */
export interface CapacityPolicy {
  /** CPU is a share, not a promise: idle editors need next to none. */
  cpuOvercommit: number;
  memoryOvercommit: number;
  /** Left to the system and the hub, per node, MiB. */
  memoryReserveMb: number;
  /** Below this share of free disk nothing is started. */
  minFreeDisk: number;
}

export const DEFAULT_CAPACITY: CapacityPolicy = {
  cpuOvercommit: 4,
  memoryOvercommit: 1,
  memoryReserveMb: 1024,
  minFreeDisk: 0.05,
};

/** A server that holds resources of the machines. */
export interface Holder extends Resources {
  gpuIds: readonly string[];
}

/** A server that waits for resources. */
export interface Waiting extends Resources {
  id: string;
}

export type Verdict =
  { id: string; admitted: true; gpuIds: string[] } | { id: string; admitted: false; reason: Reason };

/** What all ready nodes offer, after reserve and overcommit. */
export interface Capacity {
  cpu: number;
  memoryMb: number;
  /** Cards by node: a server's cards are all on one. */
  nodes: readonly (readonly Gpu[])[];
}

export function capacityOf(inventory: Inventory, policy: CapacityPolicy): Capacity {
  const nodes = inventory.nodes.filter((node) => node.ready);
  return {
    cpu: sum(nodes.map((node) => node.cpu * policy.cpuOvercommit)),
    memoryMb: sum(nodes.map((node) => memoryOf(node.memoryMb, policy))),
    nodes: nodes.map((node) => node.gpus),
  };
}

/** Why no machine could ever run this, as words for a person; undefined when one could. */
export function tooLarge(asked: Resources, inventory: Inventory, policy: CapacityPolicy): string | undefined {
  const nodes = inventory.nodes;
  const cpu = Math.max(0, ...nodes.map((node) => node.cpu));
  const memoryMb = Math.max(0, ...nodes.map((node) => memoryOf(node.memoryMb, policy)));
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
  const room = new Room(capacityOf(inventory, policy), holders);
  const low = diskIsLow(inventory, policy) ? lowDisk(inventory) : undefined;
  const positions = new Map<string, number>();
  return queue.map((waiting): Verdict => {
    if (low !== undefined) return { id: waiting.id, admitted: false, reason: low };
    const never = tooLarge(waiting, inventory, policy);
    const lack = room.lackOf(waiting);
    if (lack === undefined && never === undefined)
      return { id: waiting.id, admitted: true, gpuIds: room.admit(waiting) };
    const code = lack ?? 'no-free-cpu';
    const position = (positions.get(code) ?? 0) + 1;
    positions.set(code, position);
    // What can never fit must not hold the others back; the machines may have shrunk since it was asked for.
    if (never !== undefined) return { id: waiting.id, admitted: false, reason: reason(code, `Waits: ${never}`) };
    const words = room.words(code, position);
    room.setAside(waiting);
    return { id: waiting.id, admitted: false, reason: words };
  });
}

type Lack = 'no-free-cpu' | 'no-free-memory' | 'no-free-gpu';

/** What is free while the queue is gone through; setting aside for those that wait may bring it below zero. */
class Room {
  readonly #capacity: Capacity;
  readonly #used: Resources;
  #cpu: number;
  #memoryMb: number;
  readonly #cards: string[][];

  constructor(capacity: Capacity, holders: readonly Holder[]) {
    const held = new Set(holders.flatMap((holder) => holder.gpuIds));
    this.#capacity = capacity;
    this.#cards = capacity.nodes.map((gpus) => gpus.map((gpu) => gpu.id).filter((id) => !held.has(id)));
    const all = sum(capacity.nodes.map((gpus) => gpus.length));
    this.#used = {
      cpu: sum(holders.map((holder) => holder.cpu)),
      memoryMb: sum(holders.map((holder) => holder.memoryMb)),
      gpu: all - sum(this.#cards.map((ids) => ids.length)),
    };
    this.#cpu = capacity.cpu - this.#used.cpu;
    this.#memoryMb = capacity.memoryMb - this.#used.memoryMb;
  }

  lackOf({ cpu, memoryMb, gpu }: Resources): Lack | undefined {
    if (gpu > 0 && this.#nodeWith(gpu) === undefined) return 'no-free-gpu';
    if (memoryMb > this.#memoryMb) return 'no-free-memory';
    // Fractions of cores add up with an error in the last bit.
    return cpu > this.#cpu + 1e-6 ? 'no-free-cpu' : undefined;
  }

  /** Takes what lackOf() found to be there; answers the cards. */
  admit(asked: Resources): string[] {
    this.#used.cpu += asked.cpu;
    this.#used.memoryMb += asked.memoryMb;
    this.#used.gpu += asked.gpu;
    return this.setAside(asked);
  }

  /** Keeps CPU, memory and cards from those behind; where too few cards are free on one node, the largest rest. */
  setAside({ cpu, memoryMb, gpu }: Resources): string[] {
    this.#cpu -= cpu;
    this.#memoryMb -= memoryMb;
    if (gpu === 0) return [];
    const node = this.#nodeWith(gpu) ?? [...this.#cards].sort((a, b) => b.length - a.length)[0] ?? [];
    return node.splice(0, gpu);
  }

  /** `Waits for a free GPU: 1 of 1 in use; 2nd in the queue`. */
  words(code: Lack, position: number): Reason {
    const { cpu, memoryMb, nodes } = this.#capacity;
    const queue = position === 1 ? 'next in the queue' : `${ordinal(position)} in the queue`;
    if (code === 'no-free-gpu') {
      const total = sum(nodes.map((gpus) => gpus.length));
      const params = { used: this.#used.gpu, total, position };
      return reason(code, `Waits for a free GPU: ${this.#used.gpu} of ${total} in use; ${queue}`, params);
    }
    if (code === 'no-free-memory') {
      const [used, total] = [memoryText(this.#used.memoryMb), memoryText(memoryMb)];
      return reason(code, `Waits for free memory: ${used} of ${total} in use; ${queue}`, { used, total, position });
    }
    const [used, total] = [decimal(this.#used.cpu), decimal(cpu)];
    return reason(code, `Waits for free CPU: ${used} of ${total} in use; ${queue}`, { used, total, position });
  }

  #nodeWith(gpu: number): string[] | undefined {
    return this.#cards.find((ids) => ids.length >= gpu);
  }
}

/** What is free of the capacity, never below zero. */
export function freeOf(capacity: Capacity, holders: readonly Holder[]): Resources & { gpuIds: ReadonlySet<string> } {
  const held = new Set(holders.flatMap((holder) => holder.gpuIds));
  const gpuIds = new Set(capacity.nodes.flatMap((gpus) => gpus.map((gpu) => gpu.id)).filter((id) => !held.has(id)));
  return {
    cpu: Math.max(0, capacity.cpu - sum(holders.map((holder) => holder.cpu))),
    memoryMb: Math.max(0, capacity.memoryMb - sum(holders.map((holder) => holder.memoryMb))),
    gpu: gpuIds.size,
    gpuIds,
  };
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

function memoryOf(memoryMb: number, policy: CapacityPolicy): number {
  return Math.max(0, Math.floor(memoryMb * policy.memoryOvercommit) - policy.memoryReserveMb);
}

function cards(gpu: number): string {
  return gpu === 1 ? 'A GPU' : `${gpu} GPUs`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
