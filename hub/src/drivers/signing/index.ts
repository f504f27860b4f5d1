export { REGISTRY_ISSUER, REGISTRY_TOKEN_SECONDS, registryToken, type RegistryAccess } from './registryToken.ts';
export { loadSigner, type Claims, type Signer } from './signer.ts';
