import type { ClusterSettings } from './settings.ts';

/** Settings of driver tests: as little as possible, no floating, so that limits are what was asked for. */
export const TEST_CLUSTER: ClusterSettings = {
  namespace: 'davit',
  storage: { className: undefined, sharedClassName: undefined, accessMode: 'ReadWriteMany', size: '1Gi' },
  gpus: { 'nvidia.com/gpu': 'NVIDIA' },
  floating: false,
  nodeSelector: {},
  tolerations: [],
  priorityClassName: undefined,
  runtimeClassName: undefined,
  imagePullSecrets: [],
  serviceAccountName: 'default',
  userNamespaces: 'off',
  apiUrl: undefined,
  network: { hubLabels: {}, hubRanges: [], allowedRanges: [] },
};
