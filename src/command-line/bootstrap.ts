import { OperatorError } from '../platform/errors.ts'
import { runBootstrap } from './run-bootstrap.ts'

/** `npm run bootstrap`, with the arguments of `runBootstrap`. */
try {
  process.stdout.write(await runBootstrap(process.argv.slice(2), process.env))
} catch (error) {
  if (!(error instanceof OperatorError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
