import { z as zod } from 'zod';
import type { z } from 'zod';
import type { Scope } from './common.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Who may call: anybody, a signed-in person (the service decides on which object), or an admin. */
export type Access = 'public' | 'user' | 'admin';

/** What an answer is written in unless its route says otherwise. */
export const JSON_TYPE = 'application/json';

/** Success statuses; 204 carries no body. */
export type SuccessStatus = 200 | 201 | 202 | 204;

/**
 * One endpoint, described once: the Express binding, the typed client and OpenAPI are derived from it.
 * `path` has parameters as `{id}`; `scope` is what a bearer token needs (a session has all scopes).
 */
export interface Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> {
  readonly name: string;
  readonly method: Method;
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  readonly scope: Scope;
  readonly status: SuccessStatus;
  /** What the answer is written in: JSON, or a text of that type that is sent piece by piece. */
  readonly mediaType: string;
  /** Also answered on a server's own origin, with the path `/api/davit/v1/…` and that server's rights. */
  readonly serverApi: boolean;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly response: R;
}

/** Any route, for code that works on all of them. */
export type AnyRoute = Route;

/** What a handler gets and a caller gives. */
export type RouteInput<T extends AnyRoute> = {
  params: z.output<T['params']>;
  query: z.output<T['query']>;
  body: z.output<T['body']>;
};

/** What the typed client is called with: absent parts may be left out. */
export type RouteCall<T extends AnyRoute> = Part<'params', z.input<T['params']>> &
  Part<'query', z.input<T['query']>> &
  Part<'body', z.input<T['body']>>;

type Part<K extends string, V> = [V] extends [undefined]
  ? { [key in K]?: undefined }
  : Record<string, never> extends V
    ? { [key in K]?: V }
    : { [key in K]: V };

export type RouteOutput<T extends AnyRoute> = z.output<T['response']>;

interface RouteDefinition<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, R extends z.ZodType> {
  method: Method;
  path: string;
  summary: string;
  access: Access;
  scope?: Scope;
  status?: SuccessStatus;
  mediaType?: string;
  serverApi?: boolean;
  params?: P;
  query?: Q;
  body?: B;
  response?: R;
}

/**
 * Declares an endpoint. Left-out parts are `undefined`; the status is 200, or 204 without a response; answers are JSON;
 * the scope is `read` for GET, `admin` for admin routes and `account` otherwise.
 */
export function defineRoute<
  P extends z.ZodType = z.ZodUndefined,
  Q extends z.ZodType = z.ZodUndefined,
  B extends z.ZodType = z.ZodUndefined,
  R extends z.ZodType = z.ZodUndefined,
>(name: string, definition: RouteDefinition<P, Q, B, R>): Route<P, Q, B, R> {
  const nothing = zod.undefined();
  return {
    name,
    method: definition.method,
    path: definition.path,
    summary: definition.summary,
    access: definition.access,
    scope: definition.scope ?? defaultScope(definition.method, definition.access),
    status: definition.status ?? (definition.response === undefined ? 204 : 200),
    mediaType: definition.mediaType ?? JSON_TYPE,
    serverApi: definition.serverApi ?? false,
    params: definition.params ?? (nothing as unknown as P),
    query: definition.query ?? (nothing as unknown as Q),
    body: definition.body ?? (nothing as unknown as B),
    response: definition.response ?? (nothing as unknown as R),
  };
}

function defaultScope(method: Method, access: Access): Scope {
  if (access === 'admin') return 'admin';
  return method === 'GET' ? 'read' : 'account';
}
