/** One thing that a request needs, or that a token allows (Distribution: Token Scope Documentation). */
export interface RegistryAccess {
  type: 'repository' | 'registry';
  /** Repository without a host; `catalog` for the list of all. */
  name: string;
  actions: string[];
}

/** What a request needs, by its method and its address at the registry. */
export function accessOf(method: string, url: URL): RegistryAccess[] {
  const path = url.pathname.replace(/^\/v2\//, '');
  if (path === '_catalog') return [{ type: 'registry', name: 'catalog', actions: ['*'] }];
  const [, name = '', kind] = /^(.+)\/(manifests|blobs|tags)\//.exec(path) ?? [];
  const from = url.searchParams.get('from');
  return [
    { type: 'repository', name, actions: actionsOf(method, kind) },
    // A blob that is taken over from another repository must be allowed to be read there.
    ...(from === null ? [] : [{ type: 'repository' as const, name: from, actions: ['pull'] }]),
  ];
}

function actionsOf(method: string, kind: string | undefined): string[] {
  if (method === 'GET' || method === 'HEAD') return ['pull'];
  if (method !== 'DELETE') return ['pull', 'push'];
  // Also an upload that was begun is only forgotten for those who may delete.
  return kind === 'manifests' ? ['pull', 'delete'] : ['pull', 'push', 'delete'];
}
