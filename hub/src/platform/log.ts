import { pino, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';

export type { Logger };

/** Makes the root logger: JSON lines on stdout, or words for a person when `pretty`. Known secret headers never appear. */
export function createLog(level: string, pretty = false): Logger {
  const options = {
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
  };
  // A worker thread, pino's default for pretty output, would cost 30 MB and lose the last lines of a hub that fails.
  return pretty
    ? pino(options, PinoPretty({ sync: true, singleLine: true, translateTime: 'HH:MM:ss', ignore: 'pid,hostname' }))
    : pino(options);
}
