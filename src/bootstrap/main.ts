import { parseArgs } from 'node:util'
import { openDeps } from '../deps.ts'
import { systemClock } from '../platform/clock.ts'
import { loadConfig } from '../platform/config.ts'
import { OperatorError } from '../platform/errors.ts'
import { createLogger } from '../platform/logger.ts'
import { welcome } from './welcome.ts'

/** `npm run bootstrap -- --json`: makes what the first start makes, without serving, and tells it to a script. */
try {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
  const config = loadConfig(process.env)
  const logger = createLogger('warn')
  const deps = await openDeps(config, systemClock, logger)
  try {
    const first = await deps.bootstrap.run()
    const result = {
      created: first !== undefined,
      organizationId: first?.organizationId ?? null,
      projectId: first?.projectId ?? null,
      apiKey: first?.apiKey ?? null,
      apiBaseUrl: config.apiBaseUrl,
    }
    if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
    else
      process.stdout.write(
        first ? welcome(first, config) : 'There is an organization already; nothing was made.\n',
      )
  } finally {
    await deps.close()
  }
} catch (error) {
  if (!(error instanceof OperatorError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = error.exitCode
}
