import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessService, Origins } from '../domains/access/index.ts';
import { AppError } from '../platform/errors.ts';
import { sendJson, sendRedirect } from './answers.ts';
import { languageOf, reasonText } from './pages/texts.ts';
import { withoutQuery } from './paths.ts';
import type { ServerRoute } from './route.ts';
import { endpointOf, type ServerPages } from './serverPages.ts';
import type { MaybePromise, ServerTarget } from './targets.ts';

const ROOT = '/api/davit';

/** Paths of a server's origin that the hub itself answers. */
export function isServerApi(path: string): boolean {
  return path.startsWith(ROOT) && (path.length === ROOT.length || '/?'.includes(path.charAt(ROOT.length)));
}

export function isEnter(path: string): boolean {
  return withoutQuery(path) === `${ROOT}/v1/enter`;
}

export interface ServerApiOptions {
  origins: Origins;
  access: Pick<AccessService, 'redeem'>;
  pages: ServerPages;
  version: string;
}

/** What the hub answers on a server's own origin. Version 1 stays compatible: saved images carry old extensions. */
export class ServerApi {
  readonly #options: ServerApiOptions;

  constructor(options: ServerApiOptions) {
    this.#options = options;
  }

  /**
   * Trades a link's code for the server's cookie and goes to the clean address. `admitted` tells whether the browser is in
   * already: then a used link (the back button, a reload) leads to the server's root instead of an error.
   */
  async enter(
    req: IncomingMessage,
    res: ServerResponse,
    { serverId, path }: ServerRoute,
    admitted: () => MaybePromise<boolean>,
  ): Promise<void> {
    const { access, origins, pages } = this.#options;
    if (req.method !== 'GET') {
      pages.refuse(req, res, new AppError('bad-request', 'A link into a server is opened with GET.'));
      return;
    }
    const login = await access.redeem(queryOf(path).get('code') ?? '', serverId);
    if (login !== undefined) sendRedirect(res, 303, login.location, login.setCookie);
    else if (await admitted()) sendRedirect(res, 303, `${origins.basePath(serverId)}/`);
    else pages.linkEnded(req, res);
  }

  /** Answers an authorised request. */
  answer(req: IncomingMessage, res: ServerResponse, target: ServerTarget, path: string): void {
    const read = req.method === 'GET' || req.method === 'HEAD';
    const name = withoutQuery(path).slice(ROOT.length);
    if (read && name === '/v1/info') sendJson(req, res, this.#info(target));
    else if (read && name === '/v1/ready') sendJson(req, res, readiness(req, target, path));
    else {
      const error = new AppError('not-found', 'There is nothing at this address of the server API.');
      this.#options.pages.refuse(req, res, error);
    }
  }

  #info({ serverId, name, phase }: ServerTarget): object {
    return { api: 1, version: this.#options.version, server: { id: serverId, name, phase } };
  }
}

function readiness(req: IncomingMessage, target: ServerTarget, path: string): object {
  const editor = queryOf(path).get('editor');
  const up = endpointOf(target) !== undefined;
  const ready =
    up && (editor === null ? target.phase === 'running' : target.readyEditors.some((name) => name === editor));
  const reason = reasonText(target.reason, languageOf(req.headers['accept-language'])) ?? null;
  return { phase: target.phase, reason, editor, ready };
}

function queryOf(path: string): URLSearchParams {
  const mark = path.indexOf('?');
  return new URLSearchParams(mark === -1 ? '' : path.slice(mark));
}
