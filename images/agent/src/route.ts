/** Where a request goes, found from its path alone. */
export type Route =
  | { kind: 'status' }
  | { kind: 'editor'; name: string; path: string }
  | { kind: 'port'; port: number; path: string; prefix: string }
  | { kind: 'redirect'; location: string }
  | { kind: 'refused'; status: 400 | 404; message: string };

export interface RouteOptions {
  basePath: string;
  /** The agent's own port, which `/port/<n>/` must not lead back to. */
  ownPort: number;
  /** How the path of an editor is passed on; undefined if there is no such editor. */
  prefixOf: (name: string) => 'keep' | 'strip' | undefined;
}

const STATUS = '__davit';
const HIGHEST_PORT = 65_535;

/** Finds the way of a request target such as `/s/abc/port/8000/x?y`. Nothing is decoded and nothing is normalised. */
export function routeOf(target: string, options: RouteOptions): Route {
  const { basePath } = options;
  if (!target.startsWith(`${basePath}/`)) return notFound('This address does not belong to this server.');
  const path = target.slice(basePath.length);
  const { segment, rest } = split(path);
  if (segment === 'port') return portRoute(path, rest, options);
  if (segment === STATUS && (rest === '/status' || rest.startsWith('/status?'))) return { kind: 'status' };
  const prefix = options.prefixOf(segment);
  if (prefix === undefined) return notFound('There is nothing at this address.');
  if (!rest.startsWith('/')) return { kind: 'redirect', location: `${basePath}/${segment}/${rest}` };
  return { kind: 'editor', name: segment, path: prefix === 'keep' ? target : rest };
}

function portRoute(path: string, afterPort: string, { basePath, ownPort }: RouteOptions): Route {
  const { segment: text, rest } = split(afterPort);
  if (!/^[1-9]\d{0,4}$/.test(text))
    return badRequest(`"/port/" must be followed by a port number, such as /port/8000/.`);
  const port = Number(text);
  if (port > HIGHEST_PORT) return badRequest(`There is no port ${text}; the highest is ${HIGHEST_PORT}.`);
  if (port === ownPort)
    return badRequest(`Port ${text} belongs to Davit itself. Let your program listen on another one.`);
  const prefix = `${basePath}/port/${text}`;
  if (!rest.startsWith('/')) return { kind: 'redirect', location: `${prefix}/${rest}` };
  return { kind: 'port', port, path: path.slice(`/port/${text}`.length), prefix };
}

/** `/first/rest?query` → `first` and `/rest?query`; the rest of `/first?query` is `?query`. */
function split(path: string): { segment: string; rest: string } {
  const match = /^\/([^/?]*)(.*)$/s.exec(path);
  return { segment: match?.[1] ?? '', rest: match?.[2] ?? '' };
}

function notFound(message: string): Route {
  return { kind: 'refused', status: 404, message };
}

function badRequest(message: string): Route {
  return { kind: 'refused', status: 400, message };
}
