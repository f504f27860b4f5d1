import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERROR_STATUS, type Editor } from '@davit/contract';
import type { ForwardError } from '@davit/forward';
import type { Origins } from '../domains/access/index.ts';
import { AppError } from '../platform/errors.ts';
import { askingOf, sendPage, sendProblem, sendRedirect } from './answers.ts';
import { pageLanguage } from './language.ts';
import { reasonText, type PageKind } from './pages/texts.ts';
import { firstSegment } from './paths.ts';
import type { ServerRoute } from './route.ts';
import type { ServerTarget } from './targets.ts';

const SOON_S = 2;
const LATER_S = 10;
/** A longer path would not survive in the address of the hub's page. */
const MAX_OPEN_PATH = 2_000;

const PAGE_OF_CODE: Partial<Record<AppError['code'], PageKind>> = {
  'bad-request': 'bad-request',
  unauthenticated: 'signed-out',
  forbidden: 'forbidden',
  'not-found': 'not-found',
  'misdirected-request': 'misdirected',
};

/** What a server without an answering container shows; a running one without an address is just starting. */
const PAGE_OF_PHASE: Record<ServerTarget['phase'], PageKind> = {
  stopped: 'stopped',
  'awaiting-approval': 'queued',
  queued: 'queued',
  starting: 'starting',
  running: 'starting',
  stopping: 'stopping',
  failed: 'failed',
  unknown: 'unknown',
  deleting: 'not-found',
};

/** The agent's port of a server whose container may answer. */
export function endpointOf(target: ServerTarget): ServerTarget['endpoint'] {
  const { phase } = target;
  return phase === 'running' || phase === 'starting' || phase === 'unknown' ? target.endpoint : undefined;
}

/** The editor that a path of this server belongs to. */
export function editorOf(target: ServerTarget, path: string): Editor | undefined {
  const segment = firstSegment(path);
  return target.editors.find((editor) => editor === segment);
}

/** The answers of the proxy itself on servers' origins: a page for people, problem+json for programs. */
export class ServerPages {
  readonly #origins: Origins;

  constructor(origins: Origins) {
    this.#origins = origins;
  }

  /** Refuses a request. A tab that is not signed in goes to the hub, which opens the server again. */
  refuse(req: IncomingMessage, res: ServerResponse, error: AppError, route?: ServerRoute): void {
    const asking = askingOf(req);
    if (asking === 'tab' && error.code === 'unauthenticated' && route !== undefined) {
      const path = route.path.length > MAX_OPEN_PATH ? '/' : route.path;
      sendRedirect(res, 302, `${this.#origins.hubOrigin}/open/${route.serverId}?path=${encodeURIComponent(path)}`);
      return;
    }
    if (asking === 'program') {
      this.refuseProgram(req, res, error);
      return;
    }
    const retryAfter = retryAfterOf(error);
    const kind = PAGE_OF_CODE[error.code] ?? 'unavailable';
    const page = { kind, name: '', hubUrl: this.#hubUrl(), retry: kind === 'unavailable' };
    sendPage(req, res, statusOf(error), page, retryAfter);
  }

  /** Refuses what only programs ask for. */
  refuseProgram(req: IncomingMessage, res: ServerResponse, error: AppError): void {
    sendProblem(req, res, error, retryAfterOf(error));
  }

  /** A link that was used, is too old, or is another server's. */
  linkEnded(req: IncomingMessage, res: ServerResponse): void {
    if (askingOf(req) === 'program') {
      sendProblem(
        req,
        res,
        new AppError('forbidden', 'This link does not work any more. Open the server from the hub again.'),
      );
    } else {
      sendPage(req, res, 403, { kind: 'link-ended', name: '', hubUrl: this.#hubUrl() });
    }
  }

  /** Says why there is nothing to forward to; the page opens the editor when there is. */
  phase(req: IncomingMessage, res: ServerResponse, target: ServerTarget, path: string): void {
    this.#wait(req, res, target, path, PAGE_OF_PHASE[target.phase]);
  }

  /** The container runs, the editor does not answer yet. */
  editorStarting(req: IncomingMessage, res: ServerResponse, target: ServerTarget, path: string): void {
    this.#wait(req, res, target, path, 'editor-starting');
  }

  /** The container was made while the hub had other addresses, and its editors expect these. */
  moved(req: IncomingMessage, res: ServerResponse, target: ServerTarget): void {
    const error = new AppError(
      'unavailable',
      'This server was started under another address. Stop it and start it again.',
    );
    if (askingOf(req) === 'program') sendProblem(req, res, error);
    else sendPage(req, res, 503, { kind: 'moved', name: target.name, hubUrl: this.#hubUrl() });
  }

  /** The container has no editor to redirect to. */
  noEditor(req: IncomingMessage, res: ServerResponse, target: ServerTarget): void {
    const error = new AppError('not-found', 'The image of this server carries no editor.');
    if (askingOf(req) === 'program') sendProblem(req, res, error);
    else sendPage(req, res, 404, { kind: 'no-editor', name: target.name, hubUrl: this.#hubUrl() });
  }

  /** The container was dialled and gave no answer that could be passed on. */
  failed(req: IncomingMessage, res: ServerResponse, target: ServerTarget, path: string, error: ForwardError): void {
    if (error.code === 'client-gone') return;
    if (error.code === 'bad-request') {
      sendProblem(req, res, new AppError('bad-request', error.message));
      return;
    }
    if (target.phase === 'starting') {
      this.phase(req, res, target, path);
      return;
    }
    const problem = failureOf(error);
    if (askingOf(req) === 'program') {
      sendProblem(req, res, problem, SOON_S);
      return;
    }
    const kind = target.phase === 'unknown' ? 'unknown' : 'unreachable';
    const page = { kind, name: target.name, hubUrl: this.#hubUrl(), retry: true } as const;
    sendPage(req, res, statusOf(problem), page, SOON_S);
  }

  #wait(req: IncomingMessage, res: ServerResponse, target: ServerTarget, path: string, kind: PageKind): void {
    if (kind === 'not-found') {
      this.refuse(req, res, new AppError('not-found', 'This server is being deleted.'));
      return;
    }
    const retryAfter = kind === 'starting' || kind === 'editor-starting' ? SOON_S : LATER_S;
    if (askingOf(req) === 'program') {
      sendProblem(req, res, notReady(target), retryAfter);
      return;
    }
    const { serverId, name, phase, reason } = target;
    const editor = editorOf(target, path);
    const query = editor === undefined ? '' : `?editor=${editor}`;
    const page = {
      kind,
      name,
      phase,
      reason: reasonText(reason, pageLanguage(req)),
      hubUrl: this.#hubUrl(),
      readyUrl: `${this.#origins.basePath(serverId)}/api/davit/v1/ready${query}`,
    };
    sendPage(req, res, 503, page, retryAfter);
  }

  #hubUrl(): string {
    return `${this.#origins.hubOrigin}/`;
  }
}

/** Why a server does not answer, for programs. */
export function notReady({ name, phase, reason }: ServerTarget): AppError {
  const why = reason === undefined ? '' : ` ${reason.message}`;
  return new AppError('unavailable', `The server "${name}" is not ready: ${phase}.${why}`, {
    details: { phase, reason: reason?.code ?? null },
  });
}

/** What a failed dial means, for programs. */
export function failureOf(error: ForwardError): AppError {
  if (error.code === 'bad-request') return new AppError('bad-request', error.message);
  if (error.code === 'timeout') return new AppError('timeout', 'The server did not answer in time.');
  if (error.code === 'disposed') return new AppError('unavailable', 'The hub is stopping. Try again in a moment.');
  return new AppError('bad-gateway', 'The server gave no valid answer. If that lasts, reset it on the hub.');
}

function statusOf(error: AppError): number {
  return ERROR_STATUS[error.code];
}

function retryAfterOf(error: AppError): number | undefined {
  return error.code === 'unavailable' ? SOON_S : undefined;
}
