/** Cookies of Davit: the hub's and all servers', with and without a prefix. Other programs' cookies never match. */
const DAVIT_COOKIE = /^(?:__(?:Host|Secure)-)?davit(?:-|$)/i;

/** The value of a cookie in a Cookie header. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  const key = `${name}=`;
  for (let at = header.indexOf(key); at !== -1; at = header.indexOf(key, at + 1)) {
    const before = header[at - 1];
    if (before !== undefined && before !== ' ' && before !== ';') continue;
    const end = header.indexOf(';', at);
    return header.slice(at + key.length, end === -1 ? undefined : end).trim();
  }
  return undefined;
}

/** A Cookie header without Davit's own cookies; undefined when nothing is left. */
export function withoutDavitCookies(header: string | undefined): string | undefined {
  if (header === undefined || !/davit/i.test(header)) return header;
  const kept = header.split(';').filter((pair) => pair.trim() !== '' && !isDavitCookie(pair));
  return kept.length === 0 ? undefined : kept.map((pair) => pair.trim()).join('; ');
}

/**
 * A Set-Cookie value as a server may set it: none with a name of Davit, no Domain (it could reach the hub or another
 * server), and in path mode no Path outside `basePath`.
 */
export function ownSetCookie(value: string, basePath: string): string | undefined {
  if (isDavitCookie(value)) return undefined;
  const parts = value.split(';').filter((part, index) => index === 0 || attributeName(part) !== 'domain');
  if (basePath === '') return parts.join(';');
  return parts
    .map((part, index) => (index > 0 && attributeName(part) === 'path' ? inside(part, basePath) : part))
    .join(';');
}

function isDavitCookie(pair: string): boolean {
  const text = pair.split(';', 1)[0] ?? '';
  const equals = text.indexOf('=');
  const name = (equals === -1 ? text : text.slice(0, equals)).trim();
  // Browsers read `=name=value` as a nameless cookie with the value `name=value` and send it back as just that.
  return DAVIT_COOKIE.test(name) || (name === '' && DAVIT_COOKIE.test(text.slice(equals + 1).trim()));
}

function attributeName(part: string): string {
  return (part.split('=', 1)[0] ?? '').trim().toLowerCase();
}

function inside(part: string, basePath: string): string {
  const path = part.slice(part.indexOf('=') + 1).trim();
  return path === basePath || path.startsWith(`${basePath}/`) ? part : ` Path=${basePath}/`;
}
