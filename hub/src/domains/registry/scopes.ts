/** One thing that a client asks of the registry: actions on a repository. Other kinds are granted to nobody. */
export interface Asked {
  repository: string;
  actions: ReadonlySet<string>;
}

/** More than any client asks at once: the target of a push, and repositories whose layers it may take over. */
export const MAX_SCOPES = 30;

/** A repository's name (OCI Distribution Specification 1.1, "Pulling manifests"), less a host in front. */
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const MAX_NAME = 255;

/**
 * `repository:<name>:<action>[,<action>]`, as many as there are parameters and words in them (Distribution: Token Scope
 * Documentation). What is not so is left out: a client that gets less than it asked for is told so by the registry.
 */
export function parseScopes(parameters: readonly string[]): Asked[] {
  const words = parameters.flatMap((parameter) => parameter.split(' ')).filter((word) => word !== '');
  return words.slice(0, MAX_SCOPES).flatMap((word) => {
    const [, repository = '', actions = ''] = /^repository:([^:]+):([a-z*,]+)$/.exec(word) ?? [];
    if (repository.length > MAX_NAME || !REPOSITORY.test(repository)) return [];
    return [{ repository, actions: new Set(actions.split(',')) }];
  });
}
