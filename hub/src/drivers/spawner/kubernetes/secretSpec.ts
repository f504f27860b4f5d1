import type { ServerSpec } from '../../../domains/servers/spawner.ts';
import { LABEL, podName } from './settings.ts';
import type { Secret } from './wire.ts';

/** The secret files of one container. One of its own for each generation, so that an old pod's is never another's. */
export function secretName(instanceId: string, serverId: string, generation: number): string {
  return `${podName(instanceId, serverId)}-${generation}`;
}

/**
 * The secret of a server's pod. `pod` owns it once it is there, and the cluster removes it with the pod. `go` lets the
 * agent start editors: the network's rules are there before any pod is.
 */
export function secretSpec(spec: ServerSpec, instanceId: string, pod?: { name: string; uid: string }): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: {
      name: secretName(instanceId, spec.serverId, spec.generation),
      labels: { [LABEL.instance]: instanceId, [LABEL.server]: spec.serverId },
      ...(pod === undefined ? {} : { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', ...pod }] }),
    },
    stringData: { secret: spec.secret, go: '' },
  };
}
