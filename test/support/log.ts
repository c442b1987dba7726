import { Writable } from 'node:stream'
import { createLogger, type Logger } from '../../src/platform/logger.ts'

/** The server's own logger, which keeps every line, of every level, in memory. */
export function createMemoryLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = []
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  return { logger: createLogger('trace', destination), lines }
}
