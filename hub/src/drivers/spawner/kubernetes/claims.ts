import { SpawnRefused, type ServerSpec } from '../../../domains/servers/spawner.ts';
import { LABEL, instanceName, type ClusterSettings } from './settings.ts';
import type { Claim, Volume, VolumeMount } from './wire.ts';

type Storage = ClusterSettings['storage'];

/** The files of one kind of one data source: which claim, where in it, where in the pod. */
interface SourcePart {
  claim: Claim;
  subPath: string;
  mountPath: string;
  readOnly: boolean;
}

/** The claims of a server's data sources. They outlive servers and are never removed by this driver. */
export function claimsOf(spec: ServerSpec, instanceId: string, storage: Storage): Claim[] {
  const claims = new Map(parts(spec, instanceId, storage).map(({ claim }) => [claim.metadata?.name, claim]));
  return [...claims.values()];
}

/** Volumes and mounts of a server's data sources below /data. */
export function dataVolumes(
  spec: ServerSpec,
  instanceId: string,
  storage: Storage,
): { volumes: Volume[]; mounts: VolumeMount[] } {
  const claims = claimsOf(spec, instanceId, storage).map((claim) => claim.metadata?.name ?? '');
  return {
    volumes: claims.map((claimName, index) => ({ name: `data-${index}`, persistentVolumeClaim: { claimName } })),
    mounts: parts(spec, instanceId, storage).map(({ claim, subPath, mountPath, readOnly }) => ({
      name: `data-${claims.indexOf(claim.metadata?.name ?? '')}`,
      mountPath,
      subPath,
      readOnly,
    })),
  };
}

function parts(spec: ServerSpec, instanceId: string, storage: Storage): SourcePart[] {
  return spec.sources.flatMap((source) => {
    if (!/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/.test(source)) {
      throw new SpawnRefused(`On a cluster the name of the data source ${source} may only have a-z, 0-9 and -.`);
    }
    const shared = sharedClaim(instanceId, source, storage);
    const own = storage.accessMode === 'ReadWriteMany' ? shared : ownClaim(spec.ownerId, instanceId, source, storage);
    const readOnly = !spec.sharedWritable;
    return [
      // A directory in an own claim too: the root may hold the file system's lost+found.
      { claim: own, subPath: `private/${spec.ownerId}`, mountPath: `/data/private/${source}`, readOnly: false },
      { claim: shared, subPath: 'public', mountPath: `/data/public/${source}`, readOnly },
      { claim: shared, subPath: 'share', mountPath: `/data/share/${source}`, readOnly },
    ];
  });
}

function sharedClaim(instanceId: string, source: string, storage: Storage): Claim {
  const className = storage.sharedClassName ?? storage.className;
  return claim(instanceName(instanceId, source), { [LABEL.instance]: instanceId }, 'ReadWriteMany', className, storage);
}

function ownClaim(ownerId: string, instanceId: string, source: string, storage: Storage): Claim {
  const labels = { [LABEL.instance]: instanceId, [LABEL.owner]: ownerId };
  const name = instanceName(instanceId, `${source}-${ownerId}`);
  return claim(name, labels, 'ReadWriteOnce', storage.className, storage);
}

function claim(
  name: string,
  labels: Record<string, string>,
  accessMode: Storage['accessMode'],
  className: string | undefined,
  { size }: Storage,
): Claim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, labels },
    spec: {
      accessModes: [accessMode],
      resources: { requests: { storage: size } },
      ...(className === undefined ? {} : { storageClassName: className }),
    },
  };
}
