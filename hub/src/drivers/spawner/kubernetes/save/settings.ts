import type { RegistryAccess } from '@davit/oci';

/** Where the image savers are, and what they are told of the registry. */
export interface SaverSettings {
  /** Where their pods run, which is not that of servers. */
  namespace: string;
  /** Labels of their pods, at least one. */
  labels: Record<string, string>;
  port: number;
  /** A signed token of these claims that ends after so many seconds. */
  sign: (claims: { iss: string; aud: string; sub: string; davit: object }, ttlSeconds: number) => Promise<string>;
  registry: {
    /** The registry as nodes name it. */
    pullHost: string;
    /** The registry as the savers reach it. */
    pushUrl: URL;
    /** A token for these repositories; undefined where the registry takes none: then savers sign in by themselves. */
    token: ((access: RegistryAccess[]) => Promise<string>) | undefined;
    /** Takes an image away by its reference; done when it is not there. */
    remove: (ref: string) => Promise<void>;
  };
}
