/**
 * The page to go to after signing in, from `next` in the address. Only paths of this hub: `//host` and `/\host` would
 * lead a person who just typed a password to somebody else's page.
 */
export function returnPath(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/';
  return /^\/(?![/\\])/.test(next) && !/[\p{Cc}\\]/u.test(next) ? next : '/';
}

/** The sign-in page's address that leads back to `path`. */
export function signInPath(path: string): string {
  return path === '/' ? '/signin' : `/signin?next=${encodeURIComponent(path)}`;
}
