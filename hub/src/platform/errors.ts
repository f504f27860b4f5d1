import { ERROR_STATUS, type ErrorCode, type FieldError, type Problem } from '@davit/contract';
import type { z } from 'zod';
import { isDatabaseAway } from './databaseAway.ts';

interface AppErrorOptions {
  /** Facts for programs, sent with the answer; never anything secret. */
  details?: Record<string, unknown>;
  /** Which fields of the request were bad. */
  fields?: FieldError[];
  cause?: unknown;
}

/** A failure that a person is told about. The message says what happened and what to do. Knows no HTTP. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;
  readonly fields: FieldError[] | undefined;
  constructor(code: ErrorCode, message: string, { details, fields, cause }: AppErrorOptions = {}) {
    super(message, { cause });
    this.name = 'AppError';
    this.code = code;
    this.details = details;
    this.fields = fields;
  }
}

/** Turns zod's issues into a bad-request error that names the fields, `place` being body, query or params. */
export function badRequest(error: z.ZodError, place: string): AppError {
  const fields = error.issues.flatMap((issue) => fieldErrors(issue, place));
  const list = fields.map((field) => `${field.path}: ${field.message}`).join('; ');
  return new AppError('bad-request', `The request is not valid. ${list}`, { fields });
}

function fieldErrors(issue: z.core.$ZodIssue, place: string): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is not a known field' }));
  }
  // The library says only that a key is wrong; what is wrong with it, it keeps inside.
  const messages = issue.code === 'invalid_key' ? issue.issues.map((inner) => inner.message) : [issue.message];
  return messages.map((message) => ({ path: path.join('.') || place, message }));
}

/** The answer for any thrown value: unknown ones become a bare 500 that tells nothing of the inside. */
export function problemOf(error: unknown, requestId: string): Problem {
  const known = error instanceof AppError ? error : unforeseen(error, requestId);
  return {
    type: 'about:blank',
    title: known.code,
    status: ERROR_STATUS[known.code],
    code: known.code,
    detail: known.message,
    requestId,
    ...(known.fields === undefined ? {} : { fields: known.fields }),
    ...(known.details === undefined ? {} : { details: known.details }),
  };
}

function unforeseen(error: unknown, requestId: string): AppError {
  if (isDatabaseAway(error))
    return new AppError(
      'unavailable',
      'The hub cannot reach its database at the moment. Try again in a minute; if it stays, tell an admin.',
    );
  return new AppError(
    'internal',
    `Something went wrong inside the hub. Try again; if it stays, give an admin the request id ${requestId}.`,
  );
}

/** The text of any thrown value, for logs and reasons. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
