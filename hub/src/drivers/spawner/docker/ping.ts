import { request } from 'node:http';

/** What answered on an engine's socket. */
export interface Pong {
  kind: 'docker' | 'podman';
}

/** Asks who serves the Docker API on a unix socket; undefined when nobody does within two seconds. */
export function ping(socketPath: string): Promise<Pong | undefined> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/_ping', agent: false, timeout: 2000 }, (response) => {
      response.resume();
      const podman = response.headers['libpod-api-version'] !== undefined;
      resolve(response.statusCode === 200 ? { kind: podman ? 'podman' : 'docker' } : undefined);
    });
    call.once('timeout', () => call.destroy(new Error('timeout')));
    call.once('error', () => resolve(undefined));
    call.end();
  });
}
