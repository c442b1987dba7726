import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { type Backend, postgresUrl } from './support/backend.ts'

/**
 * Runs the suite on the embedded default, and on PostgreSQL where one answers; says at the end which were tested.
 * `--services` insists on PostgreSQL and tests it alone. Further arguments go to jest.
 */
const { values, positionals } = parseArgs({
  options: { services: { type: 'boolean', default: false } },
  allowPositionals: true,
  strict: false,
})

const fault = await postgresFault()
if (values.services && fault !== undefined) {
  process.stderr.write(`PostgreSQL at TEST_DATABASE_URL or 127.0.0.1:5432 is needed: ${fault}\n`)
  process.exit(1)
}
const backends: Backend[] = values.services
  ? ['postgresql']
  : fault === undefined
    ? ['pglite', 'postgresql']
    : ['pglite']

const results = backends.map(backend => ({ backend, passed: runSuite(backend) }))
for (const { backend, passed } of results)
  process.stdout.write(`${passed ? 'passed' : 'FAILED'} on ${backend}\n`)
if (!values.services && fault !== undefined)
  process.stdout.write(`not tested on postgresql, which does not answer: ${fault}\n`)
process.exitCode = results.every(result => result.passed) ? 0 : 1

function runSuite(backend: Backend): boolean {
  process.stdout.write(`\nThe suite on ${backend}\n`)
  const jest = [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
  ]
  const env = { ...process.env, TEST_BACKEND: backend }
  return spawnSync(process.execPath, [...jest, ...positionals], { stdio: 'inherit', env }).status === 0
}

async function postgresFault(): Promise<string | undefined> {
  const client = new pg.Client({ connectionString: postgresUrl(), connectionTimeoutMillis: 2000 })
  try {
    await client.connect()
    await client.query('select 1')
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message || error.name : String(error)
  } finally {
    await client.end().catch(() => {})
  }
}
