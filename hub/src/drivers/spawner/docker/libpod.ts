import type { ContainerCreateOptions } from 'dockerode';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * A container as Podman's own API takes it (SpecGenerator of `/libpod/containers/create`). Needed for GPUs alone: the
 * Docker-compatible API of Podman ignores device requests and does not resolve CDI names.
 */
export function libpodSpec(spec: ContainerCreateOptions, cdiNames: readonly string[]): Record<string, unknown> {
  const host = spec.HostConfig ?? {};
  const ports = Object.entries((host.PortBindings ?? {}) as Record<string, { HostIp: string }[]>);
  const securityOptions = (host.SecurityOpt ?? []) as readonly string[];
  return {
    name: spec.name,
    image: spec.Image,
    user: spec.User,
    hostname: spec.Hostname,
    env: Object.fromEntries((spec.Env ?? []).map(splitVariable)),
    labels: spec.Labels,
    stop_timeout: spec.StopTimeout,
    restart_policy: 'no',
    cap_drop: host.CapDrop,
    no_new_privileges: securityOptions.includes('no-new-privileges'),
    shm_size: host.ShmSize,
    resource_limits: {
      memory: { limit: host.Memory, swap: host.MemorySwap },
      cpu: { period: 100_000, quota: Math.round((host.NanoCpus ?? 0) / 10_000) },
      pids: { limit: host.PidsLimit },
    },
    log_configuration: { driver: 'k8s-file', size: 10_000_000 },
    netns: { nsmode: 'bridge' },
    Networks: { [host.NetworkMode ?? '']: {} },
    portmappings: ports.flatMap(([port, bindings]) =>
      bindings.map(({ HostIp }) => ({
        host_ip: HostIp,
        host_port: 0,
        container_port: parseInt(port),
        protocol: 'tcp',
      })),
    ),
    mounts: (host.Mounts ?? []).map(({ Type, Source, Target, ReadOnly }) => ({
      type: Type,
      source: Source,
      destination: Target,
      options: ['rbind', ReadOnly === true ? 'ro' : 'rw'],
    })),
    devices: cdiNames.map((path) => ({ path })),
  };
}

/** Creates a container by Podman's own API. */
export async function libpodCreate(
  socketPath: string,
  spec: Record<string, unknown>,
  signal: AbortSignal,
): Promise<void> {
  await libpodCall(socketPath, 'POST', '/containers/create', signal, JSON.stringify(spec));
}

/** What Podman's own list tells of a container; times in seconds. */
export interface LibpodListed {
  Id: string;
  State: string;
  StartedAt: number;
  ExitedAt: number;
  Labels: Record<string, string> | null;
}

/**
 * Podman's own list: a thousandth of a second, where the Docker-compatible one asks the image store about each container
 * and so waits while an image is being built.
 */
export async function libpodList(socketPath: string, label: string, signal: AbortSignal): Promise<LibpodListed[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [label] }));
  const list = await libpodCall(socketPath, 'GET', `/containers/json?all=true&filters=${filters}`, signal);
  return (list ?? []) as LibpodListed[];
}

/** One call of Podman's own API. Rejects as dockerode does, with the status in `statusCode`. */
async function libpodCall(
  socketPath: string,
  method: string,
  path: string,
  signal: AbortSignal,
  body = '',
): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; answer: string }>();
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const call = request({ socketPath, path: `/v4.0.0/libpod${path}`, method, headers, agent: false, signal });
  call.once('error', reject);
  call.once('response', (response) => {
    text(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject);
  });
  call.end(body);
  const { status, answer } = await promise;
  if (status >= 300) throw Object.assign(new Error(`Podman answered ${status}: ${answer}`), { statusCode: status });
  return JSON.parse(answer);
}

function splitVariable(variable: string): [string, string] {
  const at = variable.indexOf('=');
  return [variable.slice(0, at), variable.slice(at + 1)];
}
