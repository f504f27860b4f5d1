import type { InstalledChart } from './install.ts';

/** One thing that the hub of a chart might do: a resource, with its group before a slash, in a namespace or in the whole cluster. */
export type Right = readonly [verb: string, resource: string, namespace: string | undefined, subresource?: string];

/** What the cluster says of it. */
export async function mayHub(chart: InstalledChart, [verb, of, namespace, subresource]: Right): Promise<boolean> {
  const [group = '', resource = ''] = of.includes('/') ? of.split('/') : ['', of];
  const user = `system:serviceaccount:${chart.namespace}:davit-hub`;
  const resourceAttributes = { verb, group, resource, namespace, subresource };
  const { status } = await chart.api.call<{ status: { allowed: boolean } }>(
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user, resourceAttributes },
      },
      signal: AbortSignal.timeout(60_000),
    },
  );
  return status.allowed;
}

/** What it needs: all of the first list, and nothing of the second. */
export function rightsOf({ namespace, serversNamespace: servers }: InstalledChart): Record<'needed' | 'none', Right[]> {
  const pods = ['get', 'list', 'watch', 'create', 'patch', 'delete'].map((verb): Right => [verb, 'pods', servers]);
  return {
    needed: [...pods, ['list', 'nodes', undefined], ['create', 'authentication.k8s.io/tokenreviews', undefined]],
    none: [
      ['get', 'secrets', servers],
      ['list', 'secrets', namespace],
      ['delete', 'persistentvolumeclaims', servers],
      ['list', 'persistentvolumeclaims', servers],
      ['create', 'pods', servers, 'exec'],
      ['create', 'pods', namespace],
      ['list', 'pods', 'kube-system'],
      ['get', 'nodes', undefined],
      ['create', 'rbac.authorization.k8s.io/roles', servers],
      ['impersonate', 'users', undefined],
    ],
  };
}
