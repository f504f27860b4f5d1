import type { CreateServer, Fit, Quota, Resources, Sizes } from '@davit/contract';
import { AppError } from '../../platform/errors.ts';
import { admit, diskIsLow, tooLarge, type Waiting } from './admission.ts';
import type { Placed } from './placing.ts';
import { askedBy, exceeded } from './quota.ts';
import { Room, type CapacityPolicy, type Holder } from './room.ts';
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

/** What the choice of sizes follows from, as it is now. */
export interface SizesInput extends Placed {
  quota: { limit: Quota; used: Quota };
  /** undefined while the engine does not answer. */
  inventory: Inventory | undefined;
  holders: readonly Holder[];
  /** Servers that wait already. */
  queue: readonly Waiting[];
  policy: CapacityPolicy;
}

/** What the start dialog shows before anybody asks. Without an inventory whatever the quota allows waits. */
export function sizesFor(input: SizesInput): Omit<Sizes, 'releasePolicies'> {
  const { quota, inventory, holders, policy, placement } = input;
  const presets = PRESETS.map((preset) => ({ ...preset, fit: fitOf(preset.resources, input) }));
  if (inventory === undefined) return { presets, quota, capacity: null, gpus: [] };
  const { total, free, cards } = new Room(inventory, holders, policy).offer({ placement });
  const kinds = [...new Set(cards.map(({ gpu }) => gpu.kind))];
  return {
    presets,
    quota,
    capacity: { total, free },
    gpus: kinds.map((kind) => {
      const own = cards.filter(({ gpu }) => gpu.kind === kind);
      return { kind, total: own.length, free: own.filter(({ isFree }) => isFree).length };
    }),
  };
}

function fitOf(resources: Resources, input: SizesInput): Fit {
  const { quota, inventory, holders, queue, policy, placement } = input;
  const asked = { ...resources, placement };
  if (inventory !== undefined && tooLarge(asked, inventory, policy) !== undefined) return 'never';
  if (exceeded(quota.limit, quota.used, askedBy(resources, 1)) !== undefined) return 'above-quota';
  if (inventory === undefined || diskIsLow(inventory, policy)) return 'waits';
  const verdicts = admit([...queue, { ...asked, id: '' }], holders, inventory, policy);
  return verdicts.at(-1)?.admitted === true ? 'now' : 'waits';
}
