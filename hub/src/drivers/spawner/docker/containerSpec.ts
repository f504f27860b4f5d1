import type { ContainerCreateOptions, HostConfig } from 'dockerode';
import { AGENT_PORT, type ServerSpec } from '../../../domains/servers/spawner.ts';
import { environment } from '../environment.ts';
import { checkId } from './ids.ts';
import { CONTAINER_UID, LABEL, STOP_GRACE_S } from './settings.ts';
import { sourceMounts } from './storage.ts';

/** What a container's specification takes from the driver. */
export interface SpecSettings {
  instanceId: string;
  sources: Record<string, string>;
  /** Directory with the server's secret files, on this machine. */
  secretsDir: string;
  network: string;
  /** Base URL of the server API as seen from inside. */
  apiUrl?: string;
  pidsLimit?: number;
}

const MIB = 1024 * 1024;
/** Enough for an editor with language servers and a parallel build, far too little for a fork bomb to hurt others. */
const DEFAULT_PIDS_LIMIT = 4096;

/** The name of a server's container: the same for all generations, so the engine itself admits only one. */
export function containerName(instanceId: string, serverId: string): string {
  return `davit-${instanceId}-${serverId}`;
}

/** The container of a server, as the Docker API takes it. GPUs are added by the engine's own way. */
export function containerSpec(
  spec: ServerSpec,
  settings: SpecSettings,
): ContainerCreateOptions & { HostConfig: HostConfig } {
  checkId(spec.serverId);
  const variables = environment(spec, { memoryMb: spec.resources.memoryMb, apiUrl: settings.apiUrl });
  return {
    name: containerName(settings.instanceId, spec.serverId),
    Image: spec.image.digest,
    User: `${CONTAINER_UID}:${CONTAINER_UID}`,
    Hostname: spec.serverId,
    Env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
    Labels: {
      [LABEL.instance]: settings.instanceId,
      [LABEL.server]: spec.serverId,
      [LABEL.owner]: spec.ownerId,
      [LABEL.generation]: String(spec.generation),
    },
    ExposedPorts: { [`${AGENT_PORT}/tcp`]: {} },
    StopTimeout: STOP_GRACE_S,
    HostConfig: hostConfig(spec, settings),
  };
}

function hostConfig(spec: ServerSpec, settings: SpecSettings): HostConfig {
  const memory = spec.resources.memoryMb * MIB;
  return {
    ...privileges(spec.launch?.sudo ?? false),
    Memory: memory,
    // Equal to the memory: no swap. A server that swaps slows down everybody else's.
    MemorySwap: memory,
    NanoCpus: Math.round(spec.resources.cpu * 1e9),
    PidsLimit: settings.pidsLimit ?? DEFAULT_PIDS_LIMIT,
    // Counted as the container's memory. The engine's default of 64 MB breaks browsers and parallel data loaders.
    ShmSize: memory / 2,
    RestartPolicy: { Name: 'no' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    NetworkMode: settings.network,
    PortBindings: { [`${AGENT_PORT}/tcp`]: [{ HostIp: '127.0.0.1', HostPort: '' }] },
    // Mounts, not Binds: a missing directory is an error here, where Binds would make one that belongs to root.
    Mounts: [
      ...spec.sources.flatMap((source) => sourceMounts(spec, source, settings.sources)),
      { Type: 'bind', Source: settings.secretsDir, Target: '/run/davit', ReadOnly: true },
    ],
  };
}

/**
 * What processes may gain. With sudo a program that belongs to root may become root: with what engines give a container's
 * root less the making of devices and raw packets, by which one could listen in on other servers. Nothing is added: what is
 * added an engine may give to the container's user without sudo.
 */
function privileges(sudo: boolean): Pick<HostConfig, 'CapDrop' | 'SecurityOpt'> {
  if (sudo) return { CapDrop: ['NET_RAW', 'MKNOD'], SecurityOpt: [] };
  return { CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] };
}
