import { JSON_TYPE, type AnyRoute, type RouteCall, type RouteOutput } from './route.ts';
import { problemSchema, type Problem } from './errors.ts';

/** A refusal or failure the hub answered with; `problem.detail` is fit to show to a person. */
export class ApiError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ApiError';
    this.problem = problem;
  }
}

/**
 * `baseUrl` without a trailing slash, '' for the page's own origin. `words` gives what a refusal says in the reader's
 * language, where that never changes: `translateHubText` of `@davit/contract/texts`.
 */
export interface ClientOptions {
  baseUrl: string;
  fetch?: typeof fetch;
  headers?: () => Record<string, string>;
  words?: (text: string) => string;
}

export type ApiClient = <T extends AnyRoute>(
  route: T,
  call: RouteCall<T>,
  options?: { signal?: AbortSignal },
) => Promise<RouteOutput<T>>;

/** Makes the typed client: `await call(startServer, {params: {id}})`. Throws ApiError, or TypeError when nothing answers. */
export function createClient({ baseUrl, fetch: send = fetch, headers, words = asIs }: ClientOptions): ApiClient {
  return async (route, call, options) => {
    const response = await send(baseUrl + urlOf(route, call.params, call.query), {
      method: route.method,
      headers: { ...headers?.(), ...(call.body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: call.body === undefined ? undefined : JSON.stringify(call.body),
      signal: options?.signal,
    });
    if (!response.ok) throw new ApiError(inWords(await problemOf(response), words));
    if (response.status === 204) return undefined as never;
    return (await (route.mediaType === JSON_TYPE ? response.json() : response.text())) as never;
  };
}

/** The path with parameters and query filled in, each encoded. */
export function urlOf(route: AnyRoute, params?: unknown, query?: unknown): string {
  const values = (params ?? {}) as Record<string, string | number>;
  const path = route.path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(values[key])));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries((query ?? {}) as Record<string, string | number | boolean | undefined>)) {
    if (value !== undefined) search.set(key, String(value));
  }
  return search.size === 0 ? path : `${path}?${search.toString()}`;
}

function asIs(text: string): string {
  return text;
}

function inWords(problem: Problem, words: (text: string) => string): Problem {
  const fields = problem.fields?.map(({ path, message }) => ({ path, message: words(message) }));
  return { ...problem, detail: words(problem.detail), ...(fields === undefined ? {} : { fields }) };
}

async function problemOf(response: Response): Promise<Problem> {
  const body = problemSchema.safeParse(await response.json().catch(() => undefined));
  if (body.success) return body.data;
  return {
    type: 'about:blank',
    title: response.statusText,
    status: response.status,
    code: response.status >= 500 ? 'bad-gateway' : 'bad-request',
    detail: `The hub answered ${String(response.status)} without an explanation. Try again; if it stays, tell an admin.`,
    requestId: response.headers.get('x-request-id') ?? '',
  };
}
