import type { Page } from '@davit/contract';
import { AppError } from './errors.ts';

/** Packs the key of the last row of a page into an opaque cursor. */
export function encodeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Unpacks a cursor made by encodeCursor with `length` parts; a forged one is a bad request naming the field. */
export function decodeCursor(cursor: string | undefined, length: number): (string | number)[] | undefined {
  if (cursor === undefined) return undefined;
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(key) && key.length === length && key.every(isKeyPart)) {
      return key as (string | number)[];
    }
  } catch {
    // Falls through to the refusal below.
  }
  throw badCursor();
}

/** What a forged cursor is refused with. */
export function badCursor(): AppError {
  return new AppError('bad-request', 'This page cursor is not valid. Start from the first page.', {
    fields: [{ path: 'cursor', message: 'is not a cursor of this list' }],
  });
}

/** PostgreSQL reads no years of five digits as JavaScript writes them. */
const YEAR_10000 = Date.UTC(10_000, 0);

/** A time out of a cursor, which has it as text or in milliseconds. */
export function timeOfKey(part: string | number): Date {
  const time = new Date(part);
  if (time.getTime() >= 0 && time.getTime() < YEAR_10000) return time;
  throw badCursor();
}

/** The key in the cursor of a list that goes by time, and by id where times are equal. */
export function timeCursor(cursor: string | undefined): { createdAt: Date; id: string } | undefined {
  const key = decodeCursor(cursor, 2);
  if (key === undefined) return undefined;
  const [time = '', id = ''] = key;
  return { createdAt: timeOfKey(time), id: String(id) };
}

/** PostgreSQL refuses NUL in text, which would make a forged cursor an unforeseen failure. */
function isKeyPart(part: unknown): boolean {
  return typeof part === 'number' || (typeof part === 'string' && !part.includes('\0'));
}

/** Makes a page out of `limit + 1` fetched rows: the extra row only tells that there is a next page. */
export function toPage<T>(rows: readonly T[], limit: number, keyOf: (row: T) => readonly (string | number)[]): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null };
}
