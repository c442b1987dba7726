import { types } from 'node:util'
import { type DestinationStream, type Logger, pino } from 'pino'
import type { LogLevel } from './config.ts'
import { masked } from './masking.ts'
import { requestTrace } from './tracing.ts'

export type { Logger }

/**
 * The server's log: JSON lines on standard error's sibling, standard output.
 *
 * Nothing that carries a secret is ever handed to it: requests are logged by an explicit list of fields
 * (`http/request-context.ts`). What a caller puts where no secret belongs, such as into a path, is masked as the line is
 * written; the redaction below is the second line of defence.
 * @param everyLine has these fields as well
 */
export function createLogger(
  level: LogLevel,
  destination: DestinationStream = new GatheredLines(pino.destination(1)),
  everyLine: { readonly worker: number } | null = null,
): Logger {
  const options = {
    level,
    base: everyLine,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: loggedError },
    // What is logged for a request names its trace, where there is one.
    mixin: () => ({ ...requestTrace.getStore()?.ids }),
    hooks: { streamWrite: masked },
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
  }
  return pino(options, destination)
}

/** What is logged of an error. Database drivers hang the statement and all of its parameters on theirs. */
function loggedError(error: unknown): object {
  if (!types.isNativeError(error)) return { message: String(error) }
  return {
    type: error.name,
    message: error.message,
    ...('code' in error ? { code: error.code } : {}),
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: loggedError(error.cause) }),
  }
}

/** Milliseconds that a line waits for others. */
const GATHERED_FOR_MS = 10
/** Characters; so many are written at once. */
const GATHERED_MOST = 16_384

/**
 * Gathers lines for some milliseconds and writes them in one system call: by itself, each would cost a busy server as much as
 * a tenth of a grant. What is left at an exit of the process is written then.
 */
class GatheredLines implements DestinationStream {
  readonly #destination: DestinationStream & { flushSync(): void }
  #lines = ''
  #timer: NodeJS.Timeout | undefined

  constructor(destination: DestinationStream & { flushSync(): void }) {
    this.#destination = destination
    // First, since pino ends its destination then.
    process.prependListener('beforeExit', () => this.#write())
    process.on('exit', () => {
      if (this.#lines === '') return
      this.#write()
      this.#destination.flushSync()
    })
  }

  write(line: string): void {
    this.#lines += line
    if (this.#lines.length >= GATHERED_MOST) this.#write()
    else this.#timer ??= setTimeout(() => this.#write(), GATHERED_FOR_MS).unref()
  }

  #write(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const lines = this.#lines
    this.#lines = ''
    if (lines !== '') this.#destination.write(lines)
  }
}
