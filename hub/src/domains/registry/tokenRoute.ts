import express, { type ErrorRequestHandler, type RequestHandler, type Router } from 'express';
import { AppError, problemOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/log.ts';
import type { NodeCredential } from './nodeCredential.ts';
import { parseScopes } from './scopes.ts';
import type { RegistryService } from './service.ts';

/** Codes of the registry API (OCI Distribution Specification 1.1, "Error Codes") by status. */
const CODES: Record<number, string> = {
  401: 'UNAUTHORIZED',
  403: 'DENIED',
  404: 'UNSUPPORTED',
  429: 'TOOMANYREQUESTS',
};

/**
 * `GET /registry/token`, where the registry sends its clients (Distribution: Token Authentication Specification). Not a
 * part of the hub's API: path, parameters and answers, the errors' too, are the registry's.
 */
export function tokenRouter(service: RegistryService, log: Logger): Router {
  const answer: RequestHandler = async (req, res) => {
    res.set('cache-control', 'no-store');
    const { token, expiresInS, issuedAt } = await service.token({
      credential: basicOf(req.headers.authorization),
      address: req.ip ?? '',
      service: textsOf(req.query['service'])[0],
      asked: parseScopes(textsOf(req.query['scope'])),
    });
    res.json({ token, access_token: token, expires_in: expiresInS, issued_at: issuedAt.toISOString() });
  };
  return express.Router().get('/registry/token', answer, failed(log));
}

function failed(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const { status, detail, details } = problemOf(error, String(res.locals['requestId'] ?? ''));
    if (status >= 500) log.error({ path: req.path, err: error }, 'signing in to the registry failed');
    if (status === 401) res.set('www-authenticate', 'Basic realm="Davit registry"');
    const retryAfter = error instanceof AppError ? details?.['retryAfterSeconds'] : undefined;
    if (typeof retryAfter === 'number') res.set('retry-after', String(retryAfter));
    res.status(status).json({ errors: [{ code: CODES[status] ?? 'UNKNOWN', message: detail, detail: null }] });
  };
}

/** User and password of `Authorization: Basic` (RFC 7617). */
function basicOf(header: string | undefined): NodeCredential | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=]{1,2000}) *$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? [];
  return user === undefined || password === undefined ? undefined : { user, password };
}

function textsOf(parameter: unknown): string[] {
  const all: unknown[] = Array.isArray(parameter) ? parameter : [parameter];
  return all.filter((one) => typeof one === 'string');
}
