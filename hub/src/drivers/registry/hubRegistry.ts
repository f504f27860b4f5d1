import type { RegistryPort } from '../../domains/registry/index.ts';
import { REGISTRY_TOKEN_SECONDS, registryToken } from '../signing/index.ts';
import type { RegistryAuth } from './authorizer.ts';
import type { RegistryClient } from './registryClient.ts';

/** The registry as the domain wants it: the hub gives out tokens where the registry asks it for them. */
export function hubRegistry(host: string, client: RegistryClient, auth: RegistryAuth): RegistryPort {
  if (auth.kind !== 'token') return { host, catalogue: client, tokens: undefined };
  const { signer, service } = auth;
  return {
    host,
    catalogue: client,
    tokens: {
      service,
      issue: async (subject, granted, now) => {
        const access = granted.map(({ repository: name, actions }) => ({ type: 'repository' as const, name, actions }));
        const token = await registryToken(signer, { service, subject, access }, now);
        return { token, expiresInS: REGISTRY_TOKEN_SECONDS };
      },
    },
  };
}
