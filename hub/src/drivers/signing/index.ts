export { REGISTRY_ISSUER, REGISTRY_TOKEN_SECONDS, registryToken } from './registryToken.ts';
export { loadSigner, type Signer } from './signer.ts';
