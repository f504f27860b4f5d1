import { tolerationSchema, type GroupPlacement, type Placement, type Toleration } from '@davit/contract';

export const EFFECTS = ['any', ...tolerationSchema.shape.effect.unwrap().options] as const;
export type Effect = (typeof EFFECTS)[number];

export interface LabelRow {
  /** Tells rows apart while they are typed. */
  row: number;
  key: string;
  value: string;
}

export interface TolerationRow extends LabelRow {
  effect: Effect;
}

/** A placement while it is being typed; rows without a key are not there yet. */
export interface PlacementDraft {
  labels: readonly LabelRow[];
  tolerations: readonly TolerationRow[];
  priorityClassName: string;
  runtimeClassName: string;
  pullSecrets: string;
  /** NaN while empty. */
  precedence: number;
}

export function draftOf(placement: GroupPlacement): PlacementDraft {
  return {
    labels: Object.entries(placement.nodeSelector).map(([key, value], row) => ({ row, key, value })),
    tolerations: placement.tolerations.map(toRow),
    priorityClassName: placement.priorityClassName ?? '',
    runtimeClassName: placement.runtimeClassName ?? '',
    pullSecrets: placement.imagePullSecrets.join(', '),
    precedence: placement.precedence,
  };
}

/** What is sent; undefined when one label is there twice or the precedence is empty. Names are judged by the hub. */
export function placementOf(draft: PlacementDraft): GroupPlacement | undefined {
  const labels = filled(draft.labels);
  if (doubled(draft.labels).size > 0 || Number.isNaN(draft.precedence)) return undefined;
  return {
    nodeSelector: Object.fromEntries(labels.map(({ key, value }) => [key.trim(), value.trim()])),
    tolerations: filled(draft.tolerations).map(tolerationOf),
    priorityClassName: draft.priorityClassName.trim() || null,
    runtimeClassName: draft.runtimeClassName.trim() || null,
    imagePullSecrets: draft.pullSecrets.split(/[\s,，、]+/).filter((name) => name !== ''),
    precedence: draft.precedence,
  };
}

/** Keys that stand in more than one row. */
export function doubled(rows: readonly LabelRow[]): ReadonlySet<string> {
  const keys = filled(rows).map(({ key }) => key.trim());
  return new Set(keys.filter((key, index) => keys.indexOf(key) !== index));
}

/** Rows that are sent, in their order: the hub counts only these. */
export function filled<T extends LabelRow>(rows: readonly T[]): T[] {
  return rows.filter(({ key }) => key.trim() !== '');
}

/** A number that no row has. */
export function nextRow(rows: readonly LabelRow[]): number {
  return Math.max(-1, ...rows.map(({ row }) => row)) + 1;
}

/** The hub's messages at the fields of the form: all pull secrets are one field there. */
export function atFields(errors: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([path, message]) => [path.replace(/^(imagePullSecrets)\.\d+$/, '$1'), message]),
  );
}

/** A placement in short, as `kubectl` writes labels and taints; empty when it says nothing. */
export function inShort(placement: Placement): string[] {
  return [
    ...Object.entries(placement.nodeSelector).map(([key, value]) => `${key}=${value}`),
    ...placement.tolerations.map(
      ({ key, value, effect }) =>
        `${key}${value === undefined ? '' : `=${value}`}${effect === undefined ? '' : `:${effect}`}`,
    ),
    ...[placement.priorityClassName, placement.runtimeClassName].filter((name) => name !== null),
    ...placement.imagePullSecrets,
  ];
}

function toRow({ key, value, effect }: Toleration, row: number): TolerationRow {
  return { row, key, value: value ?? '', effect: effect ?? 'any' };
}

function tolerationOf({ key, value, effect }: TolerationRow): Toleration {
  return {
    key: key.trim(),
    ...(value.trim() === '' ? {} : { value: value.trim() }),
    ...(effect === 'any' ? {} : { effect }),
  };
}
