import { describe, expect, it } from '@jest/globals';
import { networkPolicies } from './networkPolicies.ts';

const NETWORK = { hubLabels: {}, hubRanges: [], allowedRanges: [] };
const SERVERS = { podSelector: { matchLabels: { 'davit.instance': 'hub000000001' } } };

describe('networkPolicies', () => {
  it('let in the hub alone, and out to names, the server API and the internet', () => {
    const network = { ...NETWORK, hubLabels: { app: 'davit-hub' }, allowedRanges: ['10.9.0.0/16'] };
    const hub = [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'davit-hub' } } }];
    expect(networkPolicies('hub000000001', { network, apiUrl: 'http://hub.davit.svc:7071' })).toEqual([
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'davit-hub000000001-deny-all', labels: { 'davit.instance': 'hub000000001' } },
        spec: { ...SERVERS, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] },
      },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'davit-hub000000001-servers', labels: { 'davit.instance': 'hub000000001' } },
        spec: {
          ...SERVERS,
          policyTypes: ['Ingress', 'Egress'],
          ingress: [{ from: hub, ports: [{ protocol: 'TCP', port: 7070 }] }],
          egress: [
            {
              ports: [
                { protocol: 'UDP', port: 53 },
                { protocol: 'TCP', port: 53 },
                { protocol: 'UDP', port: 5353 },
                { protocol: 'TCP', port: 5353 },
              ],
            },
            { to: hub, ports: [{ protocol: 'TCP', port: 7071 }] },
            {
              to: [
                {
                  ipBlock: {
                    cidr: '0.0.0.0/0',
                    except: [
                      '0.0.0.0/8',
                      '10.0.0.0/8',
                      '100.64.0.0/10',
                      '127.0.0.0/8',
                      '169.254.0.0/16',
                      '172.16.0.0/12',
                      '192.168.0.0/16',
                      '198.18.0.0/15',
                      '240.0.0.0/4',
                    ],
                  },
                },
                { ipBlock: { cidr: '::/0', except: ['::/128', '::1/128', '2001:2::/48', 'fc00::/7', 'fe80::/10'] } },
                { ipBlock: { cidr: '10.9.0.0/16' } },
              ],
            },
          ],
        },
      },
    ]);
  });

  it('let nobody in while no hub is known: an empty list would mean everybody', () => {
    const [, servers] = networkPolicies('hub000000001', { network: NETWORK, apiUrl: 'http://hub:7071' });
    expect(servers?.spec.ingress).toEqual([]);
    expect(JSON.stringify(servers?.spec.egress)).not.toContain('7071');
  });

  it('know a hub outside the cluster by its addresses', () => {
    const network = { ...NETWORK, hubRanges: ['192.0.2.7/32'] };
    const [, servers] = networkPolicies('hub000000001', { network, apiUrl: undefined });
    expect(servers?.spec.ingress).toEqual([
      { from: [{ ipBlock: { cidr: '192.0.2.7/32' } }], ports: [{ protocol: 'TCP', port: 7070 }] },
    ]);
  });
});
