import type { Editor } from '@davit/contract';

/** What of a server is to be opened: an editor or a port; neither where the image has no editor. */
export interface Target {
  editor?: Editor;
  port?: number;
  /** The path below it, without the `/s/<id>` of path mode. */
  path?: string;
}

/**
 * What `path` on the server's origin belongs to: `/jupyterlab/lab`, `/port/8080/`, also behind the `/s/<id>` of path
 * mode. Any other path leads to the first of the server's editors.
 */
export function targetOf(path: string, editors: readonly Editor[]): Target {
  const below = path.replace(/^\/s\/[a-z0-9]{12}(?=\/)/, '');
  const [first = '', second = ''] = below.split(/[/?#]/).slice(1);
  const port = Number(second);
  if (first === 'port' && /^\d{1,5}$/.test(second) && port >= 1 && port <= 65_535) return { port, path: below };
  const editor = editors.find((name) => name === first);
  return editor === undefined ? { editor: editors[0] } : { editor, path: below };
}
