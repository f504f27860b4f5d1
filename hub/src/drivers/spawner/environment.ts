import type { ServerSpec } from '../../domains/servers/spawner.ts';

const MIB = 1024 * 1024;

/** What of a container's variables a driver says. */
interface EnvironmentOptions {
  /** What the container may use, in MiB, which is more than was asked for where resources float. */
  memoryMb: number;
  /** Base URL of the server API as seen from inside; undefined: it is not offered. */
  apiUrl: string | undefined;
}

/** Variables of a server's container. Nothing secret: anybody who may look at the container reads them. */
export function environment(spec: ServerSpec, { memoryMb, apiUrl }: EnvironmentOptions): Record<string, string> {
  const { resources, launch } = spec;
  return {
    ...launch?.environment,
    DAVIT_SERVER_ID: spec.serverId,
    DAVIT_SERVER_NAME: spec.serverName,
    DAVIT_USER_NAME: spec.userName,
    DAVIT_EDITORS: spec.editors.join(','),
    DAVIT_BASE_PATH: spec.basePath,
    DAVIT_MEMORY_MB: String(memoryMb),
    DAVIT_CPU: String(resources.cpu),
    MEM_LIMIT: String(memoryMb * MIB),
    ...(launch?.command === undefined ? {} : { DAVIT_COMMAND: JSON.stringify(launch.command) }),
    ...(apiUrl === undefined ? {} : { DAVIT_API_URL: apiUrl }),
  };
}
