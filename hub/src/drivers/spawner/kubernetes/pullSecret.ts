import { instanceName, LABEL } from './settings.ts';
import type { Secret } from './wire.ts';

/** A registry and how nodes sign in to it. */
export interface PullCredential {
  /** `host[:port]` as in references. */
  host: string;
  user: string;
  password: string;
}

/** The one secret by which nodes fetch the images of all servers of this hub. */
export function pullSecretName(instanceId: string): string {
  return instanceName(instanceId, 'registry');
}

/** As the kubelet reads it (kubernetes.io/dockerconfigjson). It is in no pod, only named by them. */
export function pullSecretSpec(instanceId: string, { host, user, password }: PullCredential): Secret {
  const auth = Buffer.from(`${user}:${password}`).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/dockerconfigjson',
    metadata: { name: pullSecretName(instanceId), labels: { [LABEL.instance]: instanceId } },
    stringData: { '.dockerconfigjson': JSON.stringify({ auths: { [host]: { auth } } }) },
  };
}
