/**
 * The path below which a hub serves everything of this server, from JupyterLab's base URL: a hub runs JupyterLab at
 * `<root>/jupyterlab/`. Undefined for any other base URL, which no hub has made.
 */
export function serverRoot(baseUrl: string, origin: string): string | undefined {
  const { pathname } = new URL(baseUrl, origin);
  const match = /^(|\/s\/[a-z0-9]{12})\/jupyterlab\/?$/.exec(pathname);
  return match?.[1];
}
