import { type Logger, pino } from 'pino'
import type { LogLevel } from './config.ts'

export type { Logger }

/**
 * The server's log: JSON lines on standard error's sibling, standard output.
 *
 * Nothing that carries a secret is ever handed to it: requests are logged by an explicit list of fields
 * (`http/request-context.ts`). The redaction below is the second line of defence.
 */
export function createLogger(level: LogLevel): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'authorization',
        'apiKey',
        'clientSecret',
        'secret',
        'token',
        '*.authorization',
        '*.clientSecret',
      ],
      censor: '[redacted]',
    },
  })
}
