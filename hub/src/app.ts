import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { allRoutes, importUsers, openApiDocument, uploadImage } from '@davit/contract';
import express, {
  type Express,
  type NextFunction,
  type Request,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import helmet from 'helmet';
import { isAdmin, type Actor, type Authenticate } from './platform/auth.ts';
import { AppError } from './platform/errors.ts';
import { errorHandler, notFoundHandler, requestId, type ApiRouter } from './platform/http.ts';
import type { Logger } from './platform/log.ts';
import type { Metrics } from './platform/metrics.ts';
import { isOwnOrigin } from './platform/origin.ts';
import { VERSION } from './version.ts';

export interface AppOptions {
  api: ApiRouter;
  /** Where clients of the registry sign in; not a part of the API. */
  registryTokens: Router;
  authenticate: Authenticate;
  /** The origin of the hub's own pages, as browsers send it. */
  origin: string;
  /** Whether this hub can answer requests, and what of the rest answers. */
  ready: () => Promise<{ ready: boolean; checks: Record<string, string> }>;
  webDirectory: string;
  /** Proxies in front whose X-Forwarded-For is believed; without them the connection's own address counts. */
  trustedProxies: readonly string[];
  metrics: Metrics;
  log: Logger;
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The hub's own origin: API, documents and pages. Refuses to be made while an endpoint of the contract has no handler. */
export function createApp(options: AppOptions): Express {
  const missing = allRoutes.filter((route) => !options.api.bound.has(route.name)).map((route) => route.name);
  if (missing.length > 0) throw new Error(`These endpoints have no handler: ${missing.join(', ')}`);
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('trust proxy', [...options.trustedProxies]);
  app.use(requestId(options.metrics));
  app.use(securityHeaders(options.origin));
  app.use('/api', identify(options.authenticate, options.origin), readBody());
  app.use(options.api.router, options.registryTokens);
  documents(app, options);
  app.use('/api', notFoundHandler);
  pages(app, options.webDirectory);
  app.use(notFoundHandler);
  app.use(errorHandler(options.log));
  return app;
}

function securityHeaders(origin: string) {
  const secure = origin.startsWith('https:');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", origin.replace(/^http/, 'ws')],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: secure,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
  });
}

/** Finds out who asks. A cookie alone does not authorise a write that another site may have sent. */
function identify(authenticate: Authenticate, origin: string) {
  return async (req: Request, res: Response, next: NextFunction): Promise<void> => {
    const actor = await authenticate(req.headers);
    if (!SAFE_METHODS.has(req.method) && actor?.via.kind !== 'token' && !isOwnOrigin(req.headers, origin)) {
      throw new AppError(
        'forbidden',
        'This request came from another site and was refused. Use the hub’s own pages, or an API token.',
      );
    }
    res.locals['actor'] = actor;
    res.set('cache-control', 'no-store');
    next();
  };
}

/** Takes in the body, unless it is an image's archive, which is streamed. Only an admin's list of people may be long: nobody else may fill the memory before the refusal. */
function readBody() {
  const short: RequestHandler = express.json({ limit: '100kb' });
  const long: RequestHandler = express.json({ limit: '3mb' });
  return (req: Request, res: Response, next: NextFunction): void => {
    if (req.method === uploadImage.method && req.baseUrl + req.path === uploadImage.path) {
      next();
      return;
    }
    const actor = res.locals['actor'] as Actor | undefined;
    const mayBeLong = req.originalUrl === importUsers.path && actor !== undefined && isAdmin(actor);
    (mayBeLong ? long : short)(req, res, next);
  };
}

function documents(app: Express, { metrics, ready }: AppOptions): void {
  const openApi = openApiDocument(allRoutes, VERSION);
  app.get('/api/openapi.json', (_req, res) => {
    res.json(openApi);
  });
  app.get('/healthz', (_req, res) => {
    res.json({ status: 'ok' });
  });
  app.get('/readyz', async (_req, res) => {
    const state = await ready();
    res.status(state.ready ? 200 : 503).json(state);
  });
  app.get('/metrics', async (req, res, next) => {
    if (cameByProxy(req)) return notFoundHandler(req, res, next);
    res.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}

/** Each proxy writes one of these, and nobody outside can take it off again. */
function cameByProxy({ headers }: Request): boolean {
  return headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
}

/** Built pages: hashed assets for ever, the document itself never from a cache, so that an update is seen at once. */
function pages(app: Express, directory: string): void {
  app.use('/assets', express.static(join(directory, 'assets'), { immutable: true, maxAge: '365d', index: false }));
  app.use(express.static(directory, { index: false, maxAge: '1h' }));
  app.get(/^\/(?!assets\/|api\/)[^.]*$/, (_req, res, next) => {
    const document = join(directory, 'index.html');
    if (!existsSync(document)) {
      next(new AppError('unavailable', 'The pages are not built yet. Run npm start, which builds them.'));
      return;
    }
    res.set('cache-control', 'no-cache').sendFile(document);
  });
}
