export { createAuthorizer, type RegistryAuth } from './authorizer.ts';
export { hubRegistry } from './hubRegistry.ts';
export { RegistryClient } from './registryClient.ts';
