import type { RegistryClient } from '@davit/oci';
import type { RegistryPort } from '../../domains/registry/index.ts';
import { REGISTRY_TOKEN_SECONDS, registryToken } from '../signing/index.ts';
import type { RegistrySignIn } from './signIn.ts';

/** The registry as the domain wants it: the hub gives out tokens where the registry asks it for them. */
export function hubRegistry(host: string, client: RegistryClient, signIn: RegistrySignIn): RegistryPort {
  const catalogue: RegistryPort['catalogue'] = {
    repositories: (page) => client.repositories(page),
    tags: (repository) => client.tags(repository),
    image: (repository, reference) => client.image(repository, reference),
  };
  if (signIn.kind !== 'token') return { host, catalogue, tokens: undefined };
  const { signer, service } = signIn;
  return {
    host,
    catalogue,
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
