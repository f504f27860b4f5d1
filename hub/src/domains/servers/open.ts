import type { Editor } from '@davit/contract';
import { AppError } from '../../platform/errors.ts';
import type { ServerRow } from './model.ts';

/** What is to be opened: an editor, a port of an app that listens inside, or the image's first editor. */
export interface OpenRequest {
  editor?: Editor;
  port?: number;
  /** A path below what is opened. */
  path?: string;
}

/** The path below the server's base that a link leads to. Refuses what is not there or not running, with words. */
export function openPath(row: ServerRow, { editor, port, path }: OpenRequest): string {
  if (editor !== undefined && port !== undefined) {
    throw badField('port', 'Give an editor or a port, not both.', 'cannot be given together with editor');
  }
  if (editor !== undefined && !row.editors.includes(editor)) {
    const has = row.editors.length === 0 ? 'none' : row.editors.join(', ');
    throw badField('editor', `The image of this server has no ${editor}; it has ${has}.`, `must be one of: ${has}`);
  }
  if (row.phase !== 'running') throw new AppError('conflict', notRunning(row));
  const below = (root: string): string => (path?.startsWith(root) === true ? path : root);
  if (port !== undefined) return below(`/port/${port}/`);
  const chosen = editor ?? row.editors[0];
  if (chosen !== undefined) return below(`/${chosen}/`);
  throw new AppError(
    'conflict',
    'The image of this server has no editor. Name the port of an app that listens inside.',
  );
}

function badField(path: string, message: string, issue: string): AppError {
  return new AppError('bad-request', message, { fields: [{ path, message: issue }] });
}

function notRunning(row: ServerRow): string {
  const because = row.reason === null ? '' : ` ${sentence(row.reason.message)}`;
  const words: Partial<Record<ServerRow['phase'], string>> = {
    stopped: 'This server is stopped. Start it first.',
    queued: `This server waits to be started.${because}`,
    starting: `This server is starting.${because} Open it when it runs.`,
    stopping: 'This server is being stopped.',
    failed: `This server has failed.${because}`,
    unknown: `This server cannot be reached right now.${because}`,
    deleting: 'This server is being deleted.',
  };
  return words[row.phase] ?? `This server is not running, it is ${row.phase}.`;
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
