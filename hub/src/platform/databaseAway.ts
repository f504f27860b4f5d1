import { ConnectionError, DatabaseError } from 'sequelize';

/** PostgreSQL ends, has ended or begins (57P01 to 57P03), or the connection broke (class 08 and the network's words). */
const AWAY = /^(?:57P0[1-3]|08\w{3}|ECONNRESET|EPIPE|ETIMEDOUT)$/;
/** What the client says, without a code, when a connection ends under a query or before one. */
const CUT_OFF = /^(?:Connection terminated|Client has encountered a connection error)/;

/** Whether a query failed because the database cannot be reached, and not by what was asked. */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  if (!(error instanceof DatabaseError)) return false;
  const { code, message } = error.parent as Error & { code?: string };
  return code === undefined ? CUT_OFF.test(message) : AWAY.test(code);
}
