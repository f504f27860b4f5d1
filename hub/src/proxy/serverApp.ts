import type { IncomingMessage, ServerResponse } from 'node:http';
import { getServerApiInfo, type ServerApiInfo } from '@davit/contract';
import express, { type NextFunction, type Request, type Response } from 'express';
import type { Actor } from '../platform/auth.ts';
import { AppError } from '../platform/errors.ts';
import { errorHandler, notFoundHandler, requestId, type ApiRouter } from '../platform/http.ts';
import type { Logger } from '../platform/log.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Targets } from './targets.ts';

export interface ServerAppOptions {
  api: Pick<ApiRouter, 'serverRouter'>;
  targets: Pick<Targets, 'find'>;
  /** Where the hub's own pages are. */
  hubUrl: string;
  version: string;
  metrics: Metrics;
  log: Logger;
}

/** Answers the server API: `actor` is bound to a server, `path` begins at that server's root. */
export interface ServerApp {
  answer(req: IncomingMessage, res: ServerResponse, actor: Actor, path: string): void;
}

/**
 * The endpoints of the contract that servers may use, and `info`. Whoever calls `answer` has authorised the request; what
 * is not on the contract's list is not there.
 */
export function createServerApp({ api, targets, hubUrl, version, metrics, log }: ServerAppOptions): ServerApp {
  const actors = new WeakMap<IncomingMessage, Actor>();
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(requestId(metrics), (req, res, next) => {
    res.locals['actor'] = actors.get(req);
    res.set({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    next();
  });
  app.use(jsonOnly, express.json({ limit: '100kb' }));
  app.get(getServerApiInfo.path, (_req, res) => {
    res.json(infoFor(res.locals['actor'] as Actor | undefined, targets, { hubUrl, version }));
  });
  app.use(api.serverRouter);
  app.use(notFoundHandler);
  app.use(errorHandler(log));
  return {
    answer: (req, res, actor, path) => {
      actors.set(req, actor);
      req.url = path;
      app(req, res);
    },
  };
}

/** A form that another site's page posts has another type; nothing but JSON is ever read. A body may be left out. */
function jsonOnly(req: Request, _res: Response, next: NextFunction): void {
  if (req.headers['content-type'] !== undefined && req.is('application/json') === false) {
    throw new AppError('bad-request', 'The body must be JSON: send it as application/json.', {
      fields: [{ path: 'content-type', message: 'must be application/json' }],
    });
  }
  next();
}

function infoFor(
  actor: Actor | undefined,
  targets: Pick<Targets, 'find'>,
  hub: { hubUrl: string; version: string },
): ServerApiInfo {
  const target = targets.find(actor?.server?.id ?? '');
  if (actor === undefined || target === undefined) {
    throw new AppError('not-found', 'This server does not exist (any more).');
  }
  return {
    api: 1,
    ...hub,
    user: { id: actor.userId, name: actor.name },
    server: { id: target.serverId, name: target.name, phase: target.phase },
  };
}
