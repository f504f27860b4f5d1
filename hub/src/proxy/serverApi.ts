import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { SERVER_LIVE_PATH } from '@davit/contract';
import type { AccessService, Origins } from '../domains/access/index.ts';
import { boundToServer, type Actor } from '../platform/auth.ts';
import { AppError } from '../platform/errors.ts';
import { refuseUpgrade, sendJson, sendProblem, sendRedirect } from './answers.ts';
import type { Admission } from './authorise.ts';
import { languageCookie, pageLanguage } from './language.ts';
import { reasonText } from './pages/texts.ts';
import { withoutQuery } from './paths.ts';
import type { ServerRoute } from './route.ts';
import type { ServerApp } from './serverApp.ts';
import type { ServerLive } from './serverLive.ts';
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
  access: Pick<AccessService, 'redeem' | 'actorOf'>;
  pages: ServerPages;
  app: ServerApp;
  live: ServerLive;
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
    const query = queryOf(path);
    const login = await access.redeem(query.get('code') ?? '', serverId);
    if (login !== undefined) {
      const language = languageCookie(query.get('language'), { origins, serverId });
      sendRedirect(res, 303, login.location, [login.setCookie, ...(language === undefined ? [] : [language])]);
    } else if (await admitted()) sendRedirect(res, 303, `${origins.basePath(serverId)}/`);
    else pages.linkEnded(req, res);
  }

  /** Answers an authorised request. */
  async answer(req: IncomingMessage, res: ServerResponse, admission: Admission, path: string): Promise<void> {
    if (isReady(path) && (req.method === 'GET' || req.method === 'HEAD')) {
      sendJson(req, res, readiness(req, admission.target, path));
      return;
    }
    const actor = await this.#actorOf(admission);
    if (res.destroyed) return;
    if (actor instanceof AppError) sendProblem(req, res, actor);
    else if (isLive(path)) this.#options.live.handleRequest(req, res);
    else this.#options.app.answer(req, res, actor, path);
  }

  /** Gives an authorised socket to live events; false when it was refused. */
  async upgrade(
    req: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    admission: Admission,
    path: string,
  ): Promise<boolean> {
    const actor = isLive(path)
      ? await this.#actorOf(admission)
      : new AppError('not-found', 'There is nothing at this address.');
    if (socket.destroyed) return false;
    if (actor instanceof AppError) {
      refuseUpgrade(socket, actor);
      return false;
    }
    this.#options.live.handleUpgrade(req, socket, head, actor);
    return true;
  }

  /** The owner with a server's rights. A cookie has those of the session or token that it came from. */
  async #actorOf({ entrant, target }: Admission): Promise<Actor | AppError> {
    const actor = await this.#options.access.actorOf(entrant.via);
    if (actor?.userId !== target.ownerId)
      return new AppError('unauthenticated', 'Open this server from the hub first.');
    return boundToServer(actor, target.serverId);
  }
}

function isReady(path: string): boolean {
  return withoutQuery(path) === `${ROOT}/v1/ready`;
}

function isLive(path: string): boolean {
  const name = withoutQuery(path);
  return name === SERVER_LIVE_PATH || name === `${SERVER_LIVE_PATH}/`;
}

function readiness(req: IncomingMessage, target: ServerTarget, path: string): object {
  const editor = queryOf(path).get('editor');
  const up = endpointOf(target) !== undefined;
  const ready =
    up && (editor === null ? target.phase === 'running' : target.readyEditors.some((name) => name === editor));
  const reason = reasonText(target.reason, pageLanguage(req)) ?? null;
  return { phase: target.phase, reason, editor, ready };
}

function queryOf(path: string): URLSearchParams {
  const mark = path.indexOf('?');
  return new URLSearchParams(mark === -1 ? '' : path.slice(mark));
}
