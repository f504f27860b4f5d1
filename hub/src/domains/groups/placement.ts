import { groupPlacementSchema, placementSchema, type GroupPlacement, type Placement } from '@davit/contract';
import { AppError } from '../../platform/errors.ts';

/** A group that a person is in, as far as placement goes. */
export interface PlacedGroup {
  name: string;
  /** The one that everybody is in. */
  everybody: boolean;
  placement: GroupPlacement;
}

/** Says nothing about where servers run. */
export const NO_PLACEMENT: GroupPlacement = groupPlacementSchema.parse({});

/**
 * Where the servers of a person run: the hub's settings and all groups of the person in one.
 *
 * Node selectors, tolerations and pull secrets add up: a machine needs all the labels. For what can only be said once
 * (the value of a label, a class) the groups count in the order of their precedence, highest first; of equal ones the
 * one whose name is earlier; the group of everybody last. The hub's node selector bounds where servers may be at all,
 * so it goes before every group; its classes are what holds where no group says anything.
 */
export function joinPlacements(groups: readonly PlacedGroup[], hub: Placement): Placement {
  const placements = [...groups].sort(byWeight).map(({ placement }) => placement);
  const labels = [hub, ...placements].flatMap(({ nodeSelector }) => Object.entries(nodeSelector));
  const pickFirst = (key: 'priorityClassName' | 'runtimeClassName') =>
    [...placements, hub].map((one) => one[key]).find((name) => name !== null) ?? null;
  return {
    // Of entries of one key the last counts.
    nodeSelector: Object.fromEntries(labels.reverse()),
    tolerations: unique([hub, ...placements].flatMap(({ tolerations }) => tolerations)),
    priorityClassName: pickFirst('priorityClassName'),
    runtimeClassName: pickFirst('runtimeClassName'),
    imagePullSecrets: unique([hub, ...placements].flatMap(({ imagePullSecrets }) => imagePullSecrets)),
  };
}

/** Refuses labels of which the hub's settings demand another value: no group leads out of the hub's own machines. */
export function requireWithin({ nodeSelector }: Placement, hub: Placement): void {
  const fields = Object.entries(nodeSelector).flatMap(([key, value]) => {
    const fixed = hub.nodeSelector[key];
    const message = `is ${fixed} for all servers, by the settings of the hub`;
    return fixed === undefined || fixed === value ? [] : [{ path: `nodeSelector.${key}`, message }];
  });
  if (fields.length === 0) return;
  throw new AppError('bad-request', 'The settings of the hub keep servers on other machines than these labels.', {
    fields,
  });
}

/** A stored placement; what an older hub did not know is left as it is without. */
export function storedPlacement(stored: Partial<GroupPlacement> | null): GroupPlacement {
  return { ...NO_PLACEMENT, ...stored };
}

/** What `PlacementOfGroup.hub` is where servers do not run on a cluster. */
export const NO_HUB_PLACEMENT: Placement = placementSchema.parse({});

function byWeight(a: PlacedGroup, b: PlacedGroup): number {
  if (a.everybody !== b.everybody) return a.everybody ? 1 : -1;
  return b.placement.precedence - a.placement.precedence || (a.name < b.name ? -1 : 1);
}

/** Without those that say the same as an earlier one. */
function unique<T extends object | string>(all: readonly T[]): T[] {
  const known = new Map(all.map((one) => [canonical(one), one]));
  return [...known.values()];
}

function canonical(one: object | string): string {
  return typeof one === 'string' ? one : JSON.stringify(Object.entries(one).sort());
}
