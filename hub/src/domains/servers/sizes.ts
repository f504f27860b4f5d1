import type { CreateServer, Fit, Quota, Resources, Sizes } from '@davit/contract';
import { AppError } from '../../platform/errors.ts';
import { admit, capacityOf, diskIsLow, freeOf, tooLarge, type CapacityPolicy, type Holder } from './admission.ts';
import { askedBy, exceeded } from './quota.ts';
import type { Inventory } from './spawner.ts';

interface Preset {
  id: string;
  resources: Resources;
}

const SMALL: Preset = { id: 'small', resources: { cpu: 1, memoryMb: 2048, gpu: 0 } };

/** Sizes in the start dialog, smallest first. Measured: JupyterLab idles at 76 MB, VS Code with a tab at 320 MB. */
export const PRESETS: readonly Preset[] = [
  SMALL,
  { id: 'medium', resources: { cpu: 2, memoryMb: 4096, gpu: 0 } },
  { id: 'large', resources: { cpu: 4, memoryMb: 8192, gpu: 0 } },
  { id: 'gpu', resources: { cpu: 2, memoryMb: 8192, gpu: 1 } },
];

/** The size a request asks for; what it leaves out is that of the smallest preset. */
export function resourcesOf({ preset, resources }: Pick<CreateServer, 'preset' | 'resources'>): Resources {
  if (preset === undefined) return { ...SMALL.resources, ...resources };
  const found = PRESETS.find((one) => one.id === preset);
  if (found !== undefined) return found.resources;
  const known = PRESETS.map((one) => one.id).join(', ');
  throw new AppError('bad-request', `There is no preset "${preset}". Choose one of ${known}.`, {
    fields: [{ path: 'preset', message: `must be one of ${known}` }],
  });
}

export interface SizesInput {
  quota: { limit: Quota; used: Quota };
  /** undefined while the engine does not answer. */
  inventory: Inventory | undefined;
  holders: readonly Holder[];
  /** Servers that wait already. */
  queue: readonly (Resources & { id: string })[];
  policy: CapacityPolicy;
}

/** What the start dialog shows before anybody asks. Without an inventory whatever the quota allows waits. */
export function sizesFor({ quota, inventory, holders, queue, policy }: SizesInput): Omit<Sizes, 'releasePolicies'> {
  const presets = PRESETS.map((preset) => ({
    ...preset,
    fit: fitOf(preset.resources, { quota, inventory, holders, queue, policy }),
  }));
  if (inventory === undefined) return { presets, quota, capacity: null, gpus: [] };
  const capacity = capacityOf(inventory, policy);
  const free = freeOf(capacity, holders);
  const all = capacity.nodes.flat();
  const kinds = [...new Set(all.map((gpu) => gpu.kind))];
  return {
    presets,
    quota,
    capacity: {
      total: { cpu: capacity.cpu, memoryMb: capacity.memoryMb, gpu: all.length },
      free: { cpu: free.cpu, memoryMb: free.memoryMb, gpu: free.gpu },
    },
    gpus: kinds.map((kind) => {
      const cards = all.filter((gpu) => gpu.kind === kind);
      return { kind, total: cards.length, free: cards.filter((gpu) => free.gpuIds.has(gpu.id)).length };
    }),
  };
}

function fitOf(resources: Resources, { quota, inventory, holders, queue, policy }: SizesInput): Fit {
  if (inventory !== undefined && tooLarge(resources, inventory, policy) !== undefined) return 'never';
  if (exceeded(quota.limit, quota.used, askedBy(resources, 1)) !== undefined) return 'above-quota';
  if (inventory === undefined || diskIsLow(inventory, policy)) return 'waits';
  const verdicts = admit([...queue, { ...resources, id: '' }], holders, inventory, policy);
  return verdicts.at(-1)?.admitted === true ? 'now' : 'waits';
}
