import { stopOnSignals } from './platform/stop-signals.ts'

const asked = stopOnSignals(() => process.exit(1))
// Loaded by now, and not before: that takes longest of a start, and a signal is heard meanwhile.
const { loadConfig } = await import('./platform/config.ts')
const { OperatorError } = await import('./platform/errors.ts')
const { WorkerLink } = await import('./workers/worker-link.ts')

const link = WorkerLink.find()
const stop = link ? AbortSignal.any([asked, link.stop]) : asked
try {
  if (!stop.aborted) await run()
} catch (error) {
  if (!(error instanceof OperatorError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
// What binds it to the first process would keep it.
if (link) process.exit()

async function run(): Promise<void> {
  const config = loadConfig(process.env)
  if (config.workers === 1 || link) {
    const { serve } = await import('./serve.ts')
    await serve(config, stop, link)
  } else {
    const { serveByWorkers } = await import('./workers/serve-by-workers.ts')
    process.exitCode = await serveByWorkers(config, stop)
  }
}
