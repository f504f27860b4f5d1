import type { ContainerInspectInfo } from 'dockerode';
import { AGENT_PORT, type Endpoint, type ObservedServer } from '../../../domains/servers/spawner.ts';
import { LABEL } from './settings.ts';

/** 128 + SIGKILL: how a first process ends that the kernel kills. */
const KILLED = 137;

/** Where a container is in its life, by the engine's own word. */
export function stateOf({ State }: ContainerInspectInfo): 'created' | 'running' | 'exited' {
  if (State.Running) return 'running';
  return ['created', 'configured', 'initialized'].includes(State.Status) ? 'created' : 'exited';
}

/** Names one run of a container: started again by hand it is another one, not isolated any more. */
export function runOf(info: ContainerInspectInfo): string {
  return `${info.Id} ${info.State.StartedAt}`;
}

/** What list() tells of a container. `allowed`: it was isolated and told to go; without that it is half-made. */
export function observedServer(info: ContainerInspectInfo, allowed: boolean): ObservedServer {
  const state = stateOf(info);
  const labels = info.Config.Labels;
  const exited = state === 'exited';
  return {
    ref: { serverId: labels[LABEL.server] ?? '', engineId: info.Id },
    ownerId: labels[LABEL.owner] ?? '',
    generation: generationOf(info),
    state: state === 'running' && !allowed ? 'created' : state,
    exitCode: exited ? info.State.ExitCode : undefined,
    outOfMemory: exited ? wasKilled(info) && info.State.OOMKilled : undefined,
    createdAt: time(info.Created),
    startedAt: time(info.State.StartedAt),
    finishedAt: exited ? time(info.State.FinishedAt) : undefined,
  };
}

/** Whether the first process of an exited container was killed, by whomever. */
export function wasKilled(info: ContainerInspectInfo): boolean {
  return info.State.ExitCode === KILLED;
}

/** The generation a container was made for; -1 when its label is not a number. */
export function generationOf(info: ContainerInspectInfo): number {
  const label = info.Config.Labels[LABEL.generation] ?? '';
  return /^\d+$/.test(label) ? Number(label) : -1;
}

/** Where the agent's port is published. */
export function publishedEndpoint(info: ContainerInspectInfo): Endpoint | undefined {
  const ports = info.NetworkSettings.Ports as Partial<ContainerInspectInfo['NetworkSettings']['Ports']>;
  const binding = ports[`${AGENT_PORT}/tcp`]?.[0];
  return binding === undefined ? undefined : { host: binding.HostIp, port: Number(binding.HostPort) };
}

/** Engines write the year 1 for "not yet". */
function time(text: string | undefined): Date | undefined {
  if (text === undefined || text === '') return undefined;
  const date = new Date(text);
  return Number.isNaN(date.getTime()) || date.getUTCFullYear() <= 1 ? undefined : date;
}
