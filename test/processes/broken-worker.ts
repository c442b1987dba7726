import cluster from 'node:cluster'
import { existsSync } from 'node:fs'

// For `NODE_OPTIONS=--import`: a worker that cannot be started while the file of `TEST_BREAK_WORKERS` is there.
if (cluster.isWorker && existsSync(process.env.TEST_BREAK_WORKERS ?? '')) {
  process.stderr.write('This worker cannot be started.\n')
  process.exit(75)
}
