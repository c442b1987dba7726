import { stopOnSignals } from './platform/stop-signals.ts'

const stop = stopOnSignals(() => process.exit(1))
// Loaded by now, and not before: that takes longest of a start, and a signal is heard meanwhile.
const { loadConfig } = await import('./platform/config.ts')
const { OperatorError } = await import('./platform/errors.ts')
const { serve } = await import('./serve.ts')

try {
  if (!stop.aborted) await serve(loadConfig(process.env), stop)
} catch (error) {
  if (!(error instanceof OperatorError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
