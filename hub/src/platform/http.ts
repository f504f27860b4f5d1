import { serverApiPath, type AnyRoute, type RouteInput, type RouteOutput } from '@davit/contract';
import express, { type NextFunction, type Request, type RequestHandler, type Response, type Router } from 'express';
import type { z } from 'zod';
import { requireAdmin, requireScope, type Actor } from './auth.ts';
import { AppError, badRequest, problemOf } from './errors.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { randomId } from './random.ts';
import { TextAnswer } from './textAnswer.ts';

/** What a handler gets besides the parsed input. `actor` is set unless the route is public. */
export interface Context<A extends Actor | undefined = Actor> {
  actor: A;
  req: Request;
  res: Response;
}

/**
 * What a handler answers; that of a route without a body (204) may answer anything, it is not sent. A text may be sent
 * piece by piece.
 */
type Answer<T extends AnyRoute> = [RouteOutput<T>] extends [undefined]
  ? unknown
  : RouteOutput<T> | (RouteOutput<T> extends string ? TextAnswer : never);

type Handler<T extends AnyRoute, A extends Actor | undefined> = (
  input: RouteInput<T>,
  context: Context<A>,
) => Promise<Answer<T>> | Answer<T>;

/** Binds routes of the contract to handlers on one Express router, and knows which are bound. */
export class ApiRouter {
  readonly router: Router = express.Router();
  /** The same handlers for those routes that the server API offers, at its paths; all others are not there. */
  readonly serverRouter: Router = express.Router();
  readonly bound = new Set<string>();

  /** An endpoint for signed-in people: a missing credential, role or scope is refused before anything is looked at. */
  on<T extends AnyRoute>(route: T, handler: Handler<T, Actor>): this {
    return this.#bind(route, (input, context) =>
      handler(input, { ...context, actor: requireRights(route, context.actor) }),
    );
  }

  /** An endpoint that anybody may call. */
  onPublic<T extends AnyRoute>(route: T, handler: Handler<T, Actor | undefined>): this {
    if (route.access !== 'public') throw new Error(`${route.name} is not public`);
    return this.#bind(route, handler);
  }

  #bind<T extends AnyRoute>(route: T, handler: Handler<T, Actor | undefined>): this {
    if (this.bound.has(route.name)) throw new Error(`${route.name} has two handlers`);
    this.bound.add(route.name);
    const method = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
    const answer = async (req: Request, res: Response): Promise<void> => {
      const context = { actor: res.locals['actor'] as Actor | undefined, req, res };
      if (route.access !== 'public') requireRights(route, context.actor);
      const result = await handler(parseInput(route, req), context);
      if (route.status === 204) res.status(204).end();
      else if (result instanceof TextAnswer) await result.send(res, route);
      else res.status(route.status).json(result);
    };
    const path = route.path.replace(/\{(\w+)\}/g, ':$1');
    this.router[method](path, answer);
    if (route.serverApi) this.serverRouter[method](serverApiPath(path), answer);
    return this;
  }
}

function requireRights(route: AnyRoute, actor: Actor | undefined): Actor {
  if (actor === undefined) throw new AppError('unauthenticated', 'Sign in first.');
  requireScope(actor, route.scope);
  if (route.access === 'admin') requireAdmin(actor);
  return actor;
}

function parseInput<T extends AnyRoute>(route: T, req: Request): RouteInput<T> {
  return {
    params: parse(route.params, empty(req.params), 'params'),
    query: parse(route.query, empty(req.query), 'query'),
    body: parse(route.body, req.body as unknown, 'body'),
  } as RouteInput<T>;
}

/** Express gives {} where there is nothing; a route without that part wants undefined. */
function empty(value: object): object | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

function parse(schema: z.ZodType, value: unknown, place: string): unknown {
  // A route without this part ignores what was sent; one with it treats nothing as {} so that defaults apply.
  if (schema.type === 'undefined') return undefined;
  const result = schema.safeParse(value ?? {});
  if (!result.success) throw badRequest(result.error, place);
  return result.data;
}

/** Gives each request an id that answers and logs name, and counts it by route and status. */
export function requestId(metrics: Metrics) {
  return (req: Request, res: Response, next: NextFunction): void => {
    const id = randomId();
    res.locals['requestId'] = id;
    res.set('x-request-id', id);
    res.on('finish', () => {
      const route = (req.route as { path?: string } | undefined)?.path ?? 'other';
      metrics.requests.inc({ route: `${req.method} ${route}`, status: String(res.statusCode) });
    });
    next();
  };
}

/** The last Express handler: each failure becomes problem+json; unknown ones are logged with their stack. */
export function errorHandler(log: Logger): (error: unknown, req: Request, res: Response, next: NextFunction) => void {
  return (error, req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const requestId = String(res.locals['requestId'] ?? '');
    const problem = problemOf(fromExpress(error), requestId);
    if (problem.status >= 500) log.error({ requestId, path: req.path, err: error }, 'request failed');
    res.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  };
}

/** Express' own refusals (bad JSON, bad percent-encoding, unknown charset, too large a body) carry a status and are no bugs of ours. */
function fromExpress(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error) || !('status' in error)) return error;
  if (error.status === 413) return new AppError('too-large', 'The request body is too large.', { cause: error });
  if (error.status === 400 || error.status === 415) {
    return new AppError('bad-request', `The request is not valid: ${error.message}`, {
      fields: [{ path: badPart(error), message: error.message }],
    });
  }
  return error;
}

/** Which part of the request Express stumbled over. */
function badPart(error: Error): string {
  if ('charset' in error) return 'content-type';
  if ('encoding' in error) return 'content-encoding';
  return 'body' in error ? 'body' : 'path';
}

/** Answers what no route took. */
export const notFoundHandler: RequestHandler = (req) => {
  throw new AppError('not-found', `There is nothing at ${req.method} ${req.path}.`);
};
