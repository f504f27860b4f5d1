import type { Reason, Resources } from '@davit/contract';
import { machinesFor, type Placed } from './placing.ts';
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
export interface Holder extends Resources, Placed {
  gpuIds: readonly string[];
}

/** What there is too little of, as a code of a reason. */
export type Lack = 'no-free-cpu' | 'no-free-memory' | 'no-free-gpu';

/** What a person may be given of the machines; the sum of several is no size that one server can have. */
export interface Offer {
  total: Resources;
  /** Never below zero. */
  free: Resources;
  cards: readonly { gpu: Gpu; isFree: boolean }[];
}

/** A machine that answers, with the ids of its cards that are free and not set aside. */
interface Machine {
  node: Inventory['nodes'][number];
  cpu: number;
  memoryMb: number;
  free: string[];
  held: ReadonlySet<string>;
  given: number;
}

type Amount = Pick<Resources, 'cpu' | 'memoryMb'>;

/** What is taken of some machines by all servers that may run on just these: the engine chooses among them. */
interface Pool {
  machines: readonly Machine[];
  used: Amount;
  /** For those that wait. */
  aside: Amount;
  /** How many wait for what. */
  waits: Map<Lack, number>;
}

/** What is free on the machines while a queue is gone through; setting aside may bring it below zero. */
export class Room {
  readonly #machines: readonly Machine[];
  readonly #pools = new Map<string, Pool>();

  constructor(inventory: Inventory, holders: readonly Holder[], policy: CapacityPolicy) {
    const held = new Set(holders.flatMap((holder) => holder.gpuIds));
    this.#machines = inventory.nodes.filter((node) => node.ready).map((node) => machine(node, held, policy));
    for (const holder of holders) add(this.#pool(holder).used, holder);
  }

  lackOf(asked: Resources & Placed): Lack | undefined {
    const { machines } = this.#pool(asked);
    if (asked.gpu > 0 && withCards(machines, asked.gpu) === undefined) return 'no-free-gpu';
    if (asked.memoryMb > this.#free(machines, 'memoryMb')) return 'no-free-memory';
    // Fractions of cores add up with an error in the last bit.
    return asked.cpu > this.#free(machines, 'cpu') + 1e-6 ? 'no-free-cpu' : undefined;
  }

  /** Takes what lackOf() found to be there; answers the cards. */
  admit(asked: Resources & Placed): string[] {
    const { machines, used } = this.#pool(asked);
    add(used, asked);
    return takeCards(machines, asked.gpu, (chosen) => (chosen.given += asked.gpu));
  }

  /**
   * Keeps CPU, memory and cards from those behind; where too few cards are free on one machine, the largest rest.
   * Answers why it waits: `Waits for a free GPU: 1 of 1 in use; 2nd in the queue`.
   */
  setAside(asked: Resources & Placed, code: Lack): Reason {
    const { machines, aside, waits } = this.#pool(asked);
    waits.set(code, (waits.get(code) ?? 0) + 1);
    const words = this.#words(code, machines);
    add(aside, asked);
    takeCards(machines, asked.gpu, () => undefined);
    return words;
  }

  offer(placed: Placed): Offer {
    const { machines } = this.#pool(placed);
    const rest = (key: keyof Amount) => Math.max(0, capacity(machines, key) - this.#taken(machines, key, ['used']));
    return {
      total: { cpu: capacity(machines, 'cpu'), memoryMb: capacity(machines, 'memoryMb'), gpu: cardCount(machines) },
      free: { cpu: rest('cpu'), memoryMb: rest('memoryMb'), gpu: cardCount(machines) - inUse(machines) },
      cards: machines.flatMap(({ node, held }) => node.gpus.map((gpu) => ({ gpu, isFree: !held.has(gpu.id) }))),
    };
  }

  #words(code: Lack, machines: Pool['machines']): Reason {
    // Those that wait for other machines are in another queue.
    const rivals = [...this.#pools.values()].filter(
      (pool) => pool.machines === machines || overlap(pool.machines, machines),
    );
    const position = sum(rivals.map(({ waits }) => waits.get(code) ?? 0));
    const queue = position === 1 ? 'next in the queue' : `${ordinal(position)} in the queue`;
    if (code === 'no-free-gpu') {
      const params = { used: inUse(machines), total: cardCount(machines), position };
      return reason(code, `Waits for a free GPU: ${params.used} of ${params.total} in use; ${queue}`, params);
    }
    const amounts = (key: keyof Amount, write: (value: number) => string) => ({
      used: write(this.#taken(machines, key, ['used'])),
      total: write(capacity(machines, key)),
      position,
    });
    if (code === 'no-free-memory') {
      const params = amounts('memoryMb', memoryText);
      return reason(code, `Waits for free memory: ${params.used} of ${params.total} in use; ${queue}`, params);
    }
    const params = amounts('cpu', decimal);
    return reason(code, `Waits for free CPU: ${params.used} of ${params.total} in use; ${queue}`, params);
  }

  #pool(placed: Placed): Pool {
    const machines = machinesOf(this.#machines, placed);
    const key = JSON.stringify(machines.map(({ node }) => node.name));
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const pool: Pool = { machines, used: { cpu: 0, memoryMb: 0 }, aside: { cpu: 0, memoryMb: 0 }, waits: new Map() };
    this.#pools.set(key, pool);
    return pool;
  }

  #free(machines: readonly Machine[], key: keyof Amount): number {
    return capacity(machines, key) - this.#taken(machines, key, ['used', 'aside']);
  }

  /**
   * What of `machines` is taken at least. Where a server runs that may run elsewhere too is the engine's choice; it
   * counts here only as far as the other machines cannot hold it. The engine has the last word: what is let in too early
   * waits there.
   */
  #taken(machines: readonly Machine[], key: keyof Amount, kinds: readonly ('used' | 'aside')[]): number {
    const pools = [...this.#pools.values()];
    const within = pools.filter((pool) => pool.machines.length > 0 && isWithin(pool.machines, machines));
    const across = pools.filter((pool) => !within.includes(pool) && overlap(pool.machines, machines));
    const outside = new Set(across.flatMap((pool) => pool.machines).filter((one) => !machines.includes(one)));
    const amount = (some: readonly Pool[]) => sum(some.flatMap((pool) => kinds.map((kind) => pool[kind][key])));
    return amount(within) + Math.max(0, amount(across) - capacity([...outside], key));
  }
}

/** What of a machine's memory servers may have, in MiB. */
export function memoryFor(memoryMb: number, policy: CapacityPolicy): number {
  return Math.max(0, Math.floor(memoryMb * policy.memoryOvercommit) - policy.memoryReserveMb);
}

function machine(node: Machine['node'], heldAnywhere: ReadonlySet<string>, policy: CapacityPolicy): Machine {
  const ids = node.gpus.map((gpu) => gpu.id);
  return {
    node,
    cpu: node.cpu * policy.cpuOvercommit,
    memoryMb: memoryFor(node.memoryMb, policy),
    free: ids.filter((id) => !heldAnywhere.has(id)),
    held: new Set(ids.filter((id) => heldAnywhere.has(id))),
    given: 0,
  };
}

function machinesOf(machines: readonly Machine[], placed: Placed): Machine[] {
  const nodes = new Set(
    machinesFor(
      machines.map(({ node }) => node),
      placed,
    ),
  );
  return machines.filter(({ node }) => nodes.has(node));
}

/** A server's cards are all on one machine. */
function withCards(machines: readonly Machine[], gpu: number): Machine | undefined {
  return machines.find(({ free }) => free.length >= gpu);
}

function takeCards(machines: readonly Machine[], gpu: number, onTaken: (chosen: Machine) => void): string[] {
  if (gpu === 0) return [];
  const chosen = withCards(machines, gpu) ?? [...machines].sort((a, b) => b.free.length - a.free.length)[0];
  if (chosen === undefined) return [];
  onTaken(chosen);
  return chosen.free.splice(0, gpu);
}

function isWithin(some: readonly Machine[], others: readonly Machine[]): boolean {
  return some.every((one) => others.includes(one));
}

function overlap(some: readonly Machine[], others: readonly Machine[]): boolean {
  return some.some((one) => others.includes(one));
}

function inUse(machines: readonly Machine[]): number {
  return sum(machines.map(({ held, given }) => held.size + given));
}

function cardCount(machines: readonly Machine[]): number {
  return sum(machines.map(({ node }) => node.gpus.length));
}

function capacity(machines: readonly Machine[], key: keyof Amount): number {
  return sum(machines.map((one) => one[key]));
}

function add(to: Amount, { cpu, memoryMb }: Amount): void {
  to.cpu += cpu;
  to.memoryMb += memoryMb;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
