export { hubRegistry } from './hubRegistry.ts';
export { registryAuth, type RegistrySignIn } from './signIn.ts';
