import { tolerates, type Gpu, type Inventory, type Taint } from '../../../domains/servers/spawner.ts';
import { MIB, type ClusterSettings } from './settings.ts';
import type { Node } from './wire.ts';

/** Which nodes answer, by name. */
export function readiness(nodes: readonly Node[]): Map<string, boolean> {
  return new Map(nodes.map((node) => [node.metadata?.name ?? '', isReady(node)]));
}

/**
 * Whether the container runtime of every node says that it gives pods users of their own, for its default handler or, as
 * which one a runtime class means is not known here, for each.
 */
export function haveUserNamespaces(nodes: readonly Node[], hasRuntimeClass: boolean): boolean {
  const can = (node: Node) => {
    const asked = (node.status?.runtimeHandlers ?? []).filter(({ name = '' }) => hasRuntimeClass || name === '');
    return asked.length > 0 && asked.every(({ features }) => features?.userNamespaces === true);
  };
  return nodes.length > 0 && nodes.every(can);
}

/** The taints of all nodes that keep servers off, each once. */
export function reservations(nodes: readonly Node[]): Taint[] {
  const taints = nodes.flatMap((node) => taintsOf(node, []));
  return [...new Map(taints.map((taint) => [JSON.stringify(taint), taint])).values()];
}

/**
 * What the nodes offer on which servers may run; taints that the hub's settings do not tolerate go along, because those
 * of a group may. What other programs of the cluster use of it is not known here.
 */
export function inventoryOf(
  nodes: readonly Node[],
  { nodeSelector, tolerations, gpus }: Pick<ClusterSettings, 'nodeSelector' | 'tolerations' | 'gpus'>,
): Inventory {
  const usable = nodes.filter((node) => matches(node, nodeSelector));
  return {
    nodes: usable.map((node) => {
      const has = node.status?.allocatable ?? {};
      return {
        name: node.metadata?.name ?? '',
        cpu: quantity(has['cpu']),
        memoryMb: Math.floor(quantity(has['memory']) / MIB),
        gpus: gpusOf(node, gpus),
        ready: isReady(node) && node.spec?.unschedulable !== true,
        labels: node.metadata?.labels ?? {},
        taints: taintsOf(node, tolerations),
      };
    }),
  };
}

/** A Kubernetes quantity as a number: `1500m` is 1.5, `2Gi` are 2147483648. 0 when it is none. */
export function quantity(text: string | undefined): number {
  const [, digits, unit] = /^([0-9.]+(?:e[0-9]+)?)(m|k|[KMGTP]i?|)$/.exec(text ?? '') ?? [];
  return digits === undefined ? 0 : Number(digits) * (UNITS[unit ?? ''] ?? 1);
}

const UNITS: Record<string, number> = { m: 1e-3, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 };
for (const [power, unit] of ['Ki', 'Mi', 'Gi', 'Ti', 'Pi'].entries()) UNITS[unit] = 1024 ** (power + 1);

function gpusOf(node: Node, kinds: Record<string, string>): Gpu[] {
  return Object.entries(kinds).flatMap(([resource, kind]) => {
    const count = quantity(node.status?.allocatable?.[resource]);
    const product = node.metadata?.labels?.[`${resource.split('/')[0]}/gpu.product`];
    return Array.from({ length: count }, (_, index) => ({
      id: `${node.metadata?.name}/${index}/${resource}`,
      kind: product ?? kind,
      declared: false,
    }));
  });
}

function isReady(node: Node): boolean {
  return node.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

function matches(node: Node, selector: Record<string, string>): boolean {
  return Object.entries(selector).every(([key, value]) => node.metadata?.labels?.[key] === value);
}

/**
 * Taints that keep servers off. Those of the cluster itself (`node.kubernetes.io/…`) come and go with the node's state,
 * which `ready` tells.
 */
function taintsOf(node: Node, tolerations: ClusterSettings['tolerations']): Taint[] {
  return (node.spec?.taints ?? []).flatMap(({ key, value, effect }) => {
    const taint = { key, ...(value === undefined ? {} : { value }), effect };
    const isHarmless = effect === 'PreferNoSchedule' || key.startsWith('node.kubernetes.io/');
    return isHarmless || tolerations.some((one) => tolerates(one, taint)) ? [] : [taint];
  });
}
