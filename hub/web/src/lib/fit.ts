import type { Fit, Quota, Resources, Sizes } from '@davit/contract';

type Amount = keyof Resources;

const AMOUNTS: readonly Amount[] = ['cpu', 'memoryMb', 'gpu'];

/** How an own size would fare now, by the same facts with which the hub judges its presets. */
export function fitOf(size: Resources, { quota, capacity }: Pick<Sizes, 'quota' | 'capacity'>): Fit {
  const beyond = (amounts: Partial<Resources> | undefined): boolean =>
    AMOUNTS.some((amount) => size[amount] > (amounts?.[amount] ?? Infinity));
  if (beyond(capacity?.total)) return 'never';
  if (beyond(remaining(quota))) return 'above-quota';
  return beyond(capacity?.free) ? 'waits' : 'now';
}

/** What is left of a quota; never negative, as a lowered quota may be below what is in use. */
export function remaining({ limit, used }: Sizes['quota']): Quota {
  return {
    servers: left(limit.servers, used.servers),
    cpu: left(limit.cpu, used.cpu),
    memoryMb: left(limit.memoryMb, used.memoryMb),
    gpu: left(limit.gpu, used.gpu),
  };
}

/** Rounded to the tenth in which CPU is counted, as 4 - 3.9 is not quite 0.1 to a computer. */
function left(limit: number, used: number): number {
  return Math.max(0, Math.round((limit - used) * 10) / 10);
}

/** A free name made from the image's: `jupyterlab`, then `jupyterlab-2`. */
export function freeName(imageName: string, taken: readonly string[]): string {
  const lower = new Set(taken.map((name) => name.toLowerCase()));
  const base = imageName.slice(0, 50);
  let name = base;
  for (let number = 2; lower.has(name.toLowerCase()); number += 1) name = `${base}-${number}`;
  return name;
}
