import type { Placement, Reason } from '@davit/contract';
import { reason } from './reasons.ts';
import { tolerates, type Inventory } from './spawner.ts';

type Node = Inventory['nodes'][number];

/** A server as far as it matters where it may run. */
export interface Placed {
  /** Null or left out: on every machine that is open to all. */
  placement?: Placement | null;
}

/** The machines that a server may run on, ready or not. */
export function machinesFor<N extends Node>(nodes: readonly N[], { placement }: Placed): N[] {
  return nodes.filter((node) => hasLabels(node, placement?.nodeSelector ?? {}) && isOpen(node, placement));
}

/**
 * Why there is no machine that a server may run on, whatever its size; undefined when there is one, or none at all. A
 * machine may get the label or be added, so this is a reason to wait.
 */
export function noMachine(nodes: readonly Node[], placed: Placed): Reason | undefined {
  if (nodes.length === 0 || machinesFor(nodes, placed).length > 0) return undefined;
  const wanted = Object.entries(placed.placement?.nodeSelector ?? {});
  const labelled = nodes.filter((node) => hasLabels(node, Object.fromEntries(wanted)));
  if (labelled.length === 0) {
    const lacking = wanted.filter(([key, value]) => !nodes.some((node) => hasLabels(node, { [key]: value })));
    return noMachineWith((lacking.length > 0 ? lacking : wanted).map(([key, value]) => `${key}=${value}`));
  }
  const taints = labelled.flatMap((node) => (node.taints ?? []).map(({ key, value }) => `${key}=${value ?? ''}`));
  return machinesReserved([...new Set(taints)]);
}

/** A start keeps what its person's groups said then. */
const TELL = 'Tell an admin; when your group’s placement was changed, start the server again.';

function noMachineWith(labels: readonly string[]): Reason {
  const what = labels.length === 1 ? 'the label' : 'all the labels';
  const text = labels.join(', ');
  const message = `Waits for a machine with ${what} ${text}: the cluster has none. ${TELL}`;
  return reason('no-machine', message, { labels: text });
}

function machinesReserved(taints: readonly string[]): Reason {
  const text = taints.join(', ');
  const message = `Waits: all machines where it may run are reserved by a taint (${text}) that your groups do not tolerate. ${TELL}`;
  return reason('no-machine', message, { taints: text });
}

function hasLabels(node: Node, wanted: Readonly<Record<string, string>>): boolean {
  const { labels } = node;
  return labels === undefined || Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function isOpen(node: Node, placement: Placed['placement']): boolean {
  return (node.taints ?? []).every((taint) => placement?.tolerations.some((one) => tolerates(one, taint)) ?? false);
}
