import { openDatabase } from './open-deps.ts'
import { loadConfig } from './platform/config.ts'
import { OperatorError } from './platform/errors.ts'
import { createLogger } from './platform/logger.ts'

/** `npm run migrate`: brings the schema up to date without serving; the server does the same when it starts. */
try {
  const database = await openDatabase(loadConfig(process.env), createLogger('warn'))
  await database.close()
  process.stdout.write('The schema is up to date.\n')
} catch (error) {
  if (!(error instanceof OperatorError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
