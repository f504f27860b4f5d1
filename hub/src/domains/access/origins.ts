/** Where the hub and the servers are reached, as the configuration says; main has parsed and checked it. */
export interface OriginConfig {
  /** The hub's own address, e.g. `http://localhost:8000`. */
  publicUrl: URL;
  /** Template with `{id}` in the host (`http://s-{id}.localhost:8000`) or as the path `/s/{id}` on another host. */
  serverUrl: string;
  /** Plain http beyond loopback: browsers drop `Secure` and `__Host-` cookies there, so these are left out. */
  insecureHttp: boolean;
  /** Keeps the cookies of two hubs on one host apart, `[a-z0-9]`. */
  instanceId: string;
}

/** The addresses, base paths and cookie names of servers. Hosts are lower case, without the scheme's default port. */
export interface Origins {
  readonly mode: 'host' | 'path';
  readonly hubOrigin: string;
  readonly hubHost: string;
  readonly hubDefaultPort: string;
  /** Host mode: what stands before and after the id. Path mode: the whole host stands before and the rest is empty. */
  readonly serverHostPrefix: string;
  readonly serverHostSuffix: string;
  readonly serverDefaultPort: string;
  readonly serverProtocol: 'http' | 'https';
  readonly serverPort: string;
  serverHost(serverId: string): string;
  serverOrigin(serverId: string): string;
  /** '' or `/s/<id>`; what `DAVIT_BASE_PATH` says inside the container. */
  basePath(serverId: string): string;
  cookieName(serverId: string): string;
  /** The whole `Set-Cookie` value. */
  serverCookie(serverId: string, secret: string): string;
}

const PLACE = '{id}';

/** Derives all addresses from the configuration. Throws on a template it cannot work with. */
export function createOrigins(config: OriginConfig): Origins {
  const { publicUrl } = config;
  const { mode, url, prefix, suffix } = parseTemplate(config.serverUrl);
  if (mode === 'path' && url.hostname === publicUrl.hostname) {
    throw new Error('Servers need another host name than the hub, because all ports of a host share their cookies.');
  }
  const serverHost = (id: string): string => (mode === 'host' ? prefix + id + suffix : prefix);
  const basePath = (id: string): string => (mode === 'host' ? '' : `/s/${id}`);
  const cookieName = cookieNames(mode, config);
  const attributes = config.insecureHttp ? 'HttpOnly; SameSite=Lax' : 'Secure; HttpOnly; SameSite=Lax';
  return {
    mode,
    hubOrigin: publicUrl.origin,
    hubHost: publicUrl.host,
    hubDefaultPort: defaultPort(publicUrl),
    serverHostPrefix: prefix,
    serverHostSuffix: suffix,
    serverDefaultPort: defaultPort(url),
    serverProtocol: url.protocol === 'https:' ? 'https' : 'http',
    serverPort: url.port || defaultPort(url),
    serverHost,
    serverOrigin: (id) => `${url.protocol}//${serverHost(id)}`,
    basePath,
    cookieName,
    // `__Host-` demands Path=/; in path mode the path keeps one server's cookie from the next.
    serverCookie: (id, secret) => `${cookieName(id)}=${secret}; Path=${basePath(id)}/; ${attributes}`,
  };
}

function parseTemplate(template: string): Pick<Origins, 'mode'> & { url: URL; prefix: string; suffix: string } {
  const sample = 'x'.repeat(12);
  const parts = template.split(PLACE);
  if (parts.length !== 2) throw new Error(`The server URL must contain ${PLACE} exactly once: ${template}`);
  const url = new URL(parts.join(sample));
  const mode = url.host.includes(sample) ? 'host' : 'path';
  const path = mode === 'host' ? '/' : `/s/${sample}`;
  if (url.pathname.replace(/(.)\/$/, '$1') !== path || url.search !== '' || url.hash !== '') {
    throw new Error(`The server URL must have ${PLACE} in its host, or /s/${PLACE} as its path: ${template}`);
  }
  const [prefix = '', suffix = ''] = url.host.split(sample);
  return { mode, url, prefix, suffix };
}

function cookieNames(mode: Origins['mode'], { insecureHttp, instanceId }: OriginConfig): Origins['cookieName'] {
  if (mode === 'path') return (id) => `davit-s-${id}-${instanceId}`;
  const name = `${insecureHttp ? '' : '__Host-'}davit-s-${instanceId}`;
  return () => name;
}

function defaultPort(url: URL): string {
  return url.protocol === 'https:' ? '443' : '80';
}
