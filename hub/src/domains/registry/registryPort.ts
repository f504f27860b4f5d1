/** Actions that a token allows on a repository. */
export interface RepositoryAccess {
  repository: string;
  actions: string[];
}

/** The port to the registry that a cluster's nodes take images from, implemented by a driver. */
export interface RegistryPort {
  /** `host[:port]` in references. */
  host: string;
  /** Signs tokens that the registry takes; undefined where it does not ask the hub who may do what. */
  tokens:
    | {
        /** The registry's own name, which clients tell. */
        service: string;
        issue(
          subject: string,
          access: readonly RepositoryAccess[],
          now: Date,
        ): Promise<{ token: string; expiresInS: number }>;
      }
    | undefined;
  catalogue: {
    /** Names in their order, at most `limit`, beginning behind `after`. */
    repositories(page: { after: string | undefined; limit: number }): Promise<string[]>;
    tags(repository: string): Promise<string[]>;
    /** Undefined when it is not there. */
    image(repository: string, reference: string): Promise<{ digest: string; sizeBytes: number } | undefined>;
  };
}
