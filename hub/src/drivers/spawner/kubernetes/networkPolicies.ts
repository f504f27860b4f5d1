import { AGENT_PORT } from '../../../domains/servers/spawner.ts';
import { LABEL, instanceName, type ClusterSettings } from './settings.ts';
import type { NetworkPeer, NetworkPolicy } from './wire.ts';

/**
 * What is not the internet by the registries of special-purpose addresses (RFC 6890): private, shared, link-local, loopback
 * and reserved ranges, that of benchmarks, which sites use as private ones; a cloud's metadata service is in one.
 */
const NOT_INTERNET = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '240.0.0.0/4',
];
const NOT_INTERNET_6 = ['::/128', '::1/128', '2001:2::/48', 'fc00::/7', 'fe80::/10'];

/**
 * The network of all servers of a hub: nothing in and nothing out, but the hub to the agents, and from inside to names,
 * the server API and the internet. So servers reach neither each other nor what else is in the cluster.
 */
export function networkPolicies(
  instanceId: string,
  { network, apiUrl }: Pick<ClusterSettings, 'network' | 'apiUrl'>,
): NetworkPolicy[] {
  const hub = hubPeers(network);
  const apiPort = apiUrl === undefined ? undefined : Number(new URL(apiUrl).port || '80');
  return [
    policy(instanceId, 'deny-all', { policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] }),
    policy(instanceId, 'servers', {
      policyTypes: ['Ingress', 'Egress'],
      // An empty `from` would mean everybody: without a known hub nobody comes in.
      ingress: hub.length === 0 ? [] : [{ from: hub, ports: [tcp(AGENT_PORT)] }],
      egress: [
        // Wherever the name service is: in pods of some label, on each node, or outside.
        { ports: DNS },
        ...(apiPort === undefined || hub.length === 0 ? [] : [{ to: hub, ports: [tcp(apiPort)] }]),
        {
          to: [
            { ipBlock: { cidr: '0.0.0.0/0', except: NOT_INTERNET } },
            { ipBlock: { cidr: '::/0', except: NOT_INTERNET_6 } },
            ...network.allowedRanges.map((cidr) => ({ ipBlock: { cidr } })),
          ],
        },
      ],
    }),
  ];
}

/** A Service's port becomes its pods' own before rules count; in OpenShift that is 5353. */
const DNS = [53, 5353].flatMap((port) => ['UDP', 'TCP'].map((protocol) => ({ protocol, port })));

function tcp(port: number) {
  return { protocol: 'TCP', port };
}

/** The hub's pods may be in any namespace; a hub outside the cluster comes from addresses. */
function hubPeers({ hubLabels, hubRanges }: ClusterSettings['network']): NetworkPeer[] {
  const pods =
    Object.keys(hubLabels).length === 0 ? [] : [{ namespaceSelector: {}, podSelector: { matchLabels: hubLabels } }];
  return [...pods, ...hubRanges.map((cidr) => ({ ipBlock: { cidr } }))];
}

function policy(instanceId: string, what: string, spec: Omit<NetworkPolicy['spec'], 'podSelector'>): NetworkPolicy {
  const labels = { [LABEL.instance]: instanceId };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: instanceName(instanceId, what), labels },
    spec: { podSelector: { matchLabels: labels }, ...spec },
  };
}
