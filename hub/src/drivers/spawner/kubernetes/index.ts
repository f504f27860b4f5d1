export { loadKubeConfig } from './kubeApi.ts';
export { KubernetesSpawner } from './kubernetesSpawner.ts';
export type { ClusterSettings, KubernetesSettings } from './settings.ts';
export type { SaverSettings } from './save/settings.ts';
