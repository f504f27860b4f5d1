import { pino, type Logger } from 'pino';

export type { Logger };

/** Makes the root logger: JSON lines on stdout, or words for a person when `pretty`. Known secret headers never appear. */
export function createLog(level: string): Logger {
  return pino({
    level,
    base: undefined,
    redact: [
      'req.headers.authorization',
      'req.headers.cookie',
      'password',
      '*.password',
      'token',
      '*.token',
      'secret',
      '*.secret',
    ],
  });
}
