/** Where an image lies in a registry: `reference` is a tag or a digest. */
export interface RegistryPlace {
  repository: string;
  reference: string;
}

/** `<host>/<repository>:<tag>` or `@<digest>`; undefined for a reference of another host, or none. */
export function parseRef(ref: string, host: string): RegistryPlace | undefined {
  if (!ref.startsWith(`${host}/`)) return undefined;
  const [, repository, tag, digest] =
    /^([^:@]+)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(ref.slice(host.length + 1)) ?? [];
  const reference = digest ?? tag;
  return repository === undefined || reference === undefined ? undefined : { repository, reference };
}
