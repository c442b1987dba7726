import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { z } from 'zod'
import { BACKENDS, type Backend, currentBackend, postgresUrl } from './support/backend.ts'

/**
 * Runs the suite on the embedded default, and on PostgreSQL where one answers; says at the end which were tested.
 *
 * `--all` insists on both, `--services` on PostgreSQL alone, `TEST_BACKEND` on the one that it names. All other
 * arguments go to jest. The last line is the sum of the runs: `N passed, N failed`.
 */
const OWN = ['--all', '--services']
const ROOMY_BYTES = 2 ** 31
const given = process.argv.slice(2)
const jestArguments = given.filter(argument => !OWN.includes(argument))

/** The counts in jest's `--json` report that decide the sum. */
const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numRuntimeErrorTestSuites: z.int(),
})

interface Run {
  readonly backend: Backend
  readonly passed: number
  /** Tests that failed and files that could not be run; 1 when jest itself failed. */
  readonly failed: number
}

const insisted = insistedBackends()
const fault = insisted && !insisted.includes('postgresql') ? undefined : await postgresFault()
if (insisted && fault !== undefined) {
  process.stderr.write(`PostgreSQL at TEST_DATABASE_URL or 127.0.0.1:5432 is needed: ${fault}\n`)
  process.exit(1)
}
const backends = insisted ?? (fault === undefined ? BACKENDS : (['pglite'] as const))

const runs = backends.map(runSuite)
for (const { backend, failed } of runs)
  process.stdout.write(`${failed === 0 ? 'passed' : 'FAILED'} on ${backend}\n`)
if (fault !== undefined) process.stdout.write(`not tested on postgresql, which does not answer: ${fault}\n`)
const passed = runs.reduce((sum, run) => sum + run.passed, 0)
const failed = runs.reduce((sum, run) => sum + run.failed, 0)
process.stdout.write(`${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1

/** The backends that this run must not do without; undefined: PostgreSQL only where it answers. */
function insistedBackends(): readonly Backend[] | undefined {
  if (given.includes('--all')) return BACKENDS
  if (given.includes('--services')) return ['postgresql']
  return process.env.TEST_BACKEND ? [currentBackend()] : undefined
}

function runSuite(backend: Backend): Run {
  process.stdout.write(`\nThe suite on ${backend}\n`)
  const folder = mkdtempSync(join(tmpdir(), 'sentinel-pass-report-'))
  const file = join(folder, 'report.json')
  try {
    const jest = ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${file}`, ...jestArguments]
    const { status } = spawnSync(process.execPath, jest, {
      stdio: 'inherit',
      env: { ...process.env, TMPDIR: temporaryFolder(), TEST_BACKEND: backend },
    })
    const counted = countsOf(file)
    return { backend, ...counted, failed: status === 0 ? counted.failed : Math.max(1, counted.failed) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Memory where it is roomy: each test file has a database of 40 MB of its own, and a slow disk doubles the time. */
function temporaryFolder(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    return bavail * bsize >= ROOMY_BYTES ? '/dev/shm' : tmpdir()
  } catch {
    return tmpdir()
  }
}

/** @returns nothing counted when jest ended before it wrote its report */
function countsOf(file: string): { readonly passed: number; readonly failed: number } {
  try {
    const counts = report.parse(JSON.parse(readFileSync(file, 'utf8')))
    return {
      passed: counts.numPassedTests,
      failed: counts.numFailedTests + counts.numRuntimeErrorTestSuites,
    }
  } catch {
    return { passed: 0, failed: 0 }
  }
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
