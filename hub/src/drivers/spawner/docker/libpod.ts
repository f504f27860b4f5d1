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
    no_new_privileges: true,
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

/** Creates a container by Podman's own API. Rejects as dockerode does, with the status in `statusCode`. */
export async function libpodCreate(
  socketPath: string,
  spec: Record<string, unknown>,
  signal: AbortSignal,
): Promise<void> {
  const body = JSON.stringify(spec);
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const call = request({
    socketPath,
    path: '/v4.0.0/libpod/containers/create',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    agent: false,
    signal,
  });
  call.once('error', reject);
  call.once('response', (response) => {
    text(response).then((answer) => resolve({ status: response.statusCode ?? 0, text: answer }), reject);
  });
  call.end(body);
  const answer = await promise;
  if (answer.status !== 201) {
    throw Object.assign(new Error(`Podman did not create the container: ${answer.text}`), {
      statusCode: answer.status,
    });
  }
}

function splitVariable(variable: string): [string, string] {
  const at = variable.indexOf('=');
  return [variable.slice(0, at), variable.slice(at + 1)];
}
