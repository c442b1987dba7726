import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { z } from 'zod'
import { BACKENDS, type Backend, namedBackend, postgresUrl } from './support/backend.ts'
import { redisFault } from './support/redis.ts'

/**
 * Runs the suite on the embedded default, on PostgreSQL where one answers, and on PostgreSQL with Redis where both do;
 * says at the end which were tested. What needs none of them runs with the first alone.
 *
 * `--all` insists on all of them, `--services` on PostgreSQL without and with Redis, `TEST_BACKEND` on the one that it
 * names. All other arguments go to jest. The last line is the sum of the runs: `N passed, N failed`, and how many were
 * skipped; the reasons stand before it.
 */
const OWN = ['--all', '--services']
const ROOMY_BYTES = 2 ** 31
/** What says the same on every backend, so that one run of it says all: no database, or the API alone. */
const WITHOUT_BACKEND = [
  'test/platform/',
  'test/console/',
  'test/record/endpoint-sketch',
  'test/record/latency-buckets',
  'test/documents/',
  'test/house/',
  'test/contract/contract-check',
  'test/contract/described',
  'test/contract/generated',
  'test/http/rate-limiting',
  'test/processes/bench.test',
  'test/processes/data-folder',
  'test/processes/stop-signals',
  'test/processes/own-postgresql',
  'test/processes/traces',
  'test/oauth/library/oidc-internals',
]
const given = process.argv.slice(2)
const jestArguments = given.filter(argument => !OWN.includes(argument))

/** The counts in jest's `--json` report that decide the sum. */
const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numRuntimeErrorTestSuites: z.int(),
})

interface Run {
  readonly backend: Backend
  readonly passed: number
  /** Tests that failed and files that could not be run; 1 when jest itself failed. */
  readonly failed: number
  readonly skipped: number
}

const insisted = insistedBackends()
const faults = new Map<Backend, string>()
for (const backend of insisted ?? BACKENDS) {
  const fault = await faultOf(backend)
  if (fault !== undefined) faults.set(backend, fault)
}
if (insisted && faults.size > 0) {
  process.stderr.write(`${[...new Set(faults.values())].join('\n')}\n`)
  process.exit(1)
}

const folder = mkdtempSync(join(roomyFolder(), 'sentinel-pass-suite-'))
const notTestedFile = join(folder, 'not-tested')
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const runs = (insisted ?? BACKENDS).filter(backend => !faults.has(backend)).map(runSuite)
for (const { backend, failed } of runs)
  process.stdout.write(`${failed === 0 ? 'passed' : 'FAILED'} on ${backend}\n`)
for (const [backend, fault] of faults) process.stdout.write(`not tested on ${backend}: ${fault}\n`)
for (const line of notTested()) process.stdout.write(`${line}\n`)
const sumOf = (count: 'passed' | 'failed' | 'skipped') => runs.reduce((sum, run) => sum + run[count], 0)
const [passed, failed, skipped] = [sumOf('passed'), sumOf('failed'), sumOf('skipped')]
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
process.exitCode = failed === 0 ? 0 : 1

/** The backends that this run must not do without; undefined: those that answer. */
function insistedBackends(): readonly Backend[] | undefined {
  if (given.includes('--all')) return BACKENDS
  if (given.includes('--services')) return ['postgresql', 'postgresql+redis']
  return process.env.TEST_BACKEND ? [namedBackend()] : undefined
}

function runSuite(backend: Backend, index: number): Run {
  process.stdout.write(`\nThe suite on ${backend}\n`)
  const file = join(folder, `report-${backend}.json`)
  const once = WITHOUT_BACKEND.map(path => `--testPathIgnorePatterns=${path}`)
  const left = index === 0 ? [] : [...once, '--passWithNoTests']
  const own = ['node_modules/jest/bin/jest.js', ...left, '--json', `--outputFile=${file}`]
  const { status } = spawnSync(process.execPath, [...own, ...jestArguments], {
    stdio: 'inherit',
    env: { ...process.env, TMPDIR: folder, TEST_BACKEND: backend, TEST_NOT_TESTED: notTestedFile },
  })
  const counted = countsOf(file)
  return { backend, ...counted, failed: status === 0 ? counted.failed : Math.max(1, counted.failed) }
}

/** Memory where it is roomy: each test file has a database of 40 MB of its own, and a slow disk doubles the time. */
function roomyFolder(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm')
    return bavail * bsize >= ROOMY_BYTES ? '/dev/shm' : tmpdir()
  } catch {
    return tmpdir()
  }
}

/** @returns nothing counted when jest ended before it wrote its report */
function countsOf(file: string): Omit<Run, 'backend'> {
  try {
    const counts = report.parse(JSON.parse(readFileSync(file, 'utf8')))
    return {
      passed: counts.numPassedTests,
      failed: counts.numFailedTests + counts.numRuntimeErrorTestSuites,
      skipped: counts.numPendingTests,
    }
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}

/** What tests left out for want of a program, as they told of it. */
function notTested(): string[] {
  return existsSync(notTestedFile)
    ? [...new Set(readFileSync(notTestedFile, 'utf8').trimEnd().split('\n'))]
    : []
}

/** What a backend needs and what does not answer; undefined when it can be tested. */
async function faultOf(backend: Backend): Promise<string | undefined> {
  if (backend === 'pglite') return undefined
  const postgres = await postgresFault()
  if (postgres !== undefined)
    return `PostgreSQL at TEST_DATABASE_URL or 127.0.0.1:5432 is needed, and does not answer: ${postgres}`
  const redis = backend === 'postgresql+redis' ? await redisFault() : undefined
  return redis && `Redis at TEST_REDIS_URL or 127.0.0.1:6379 is needed, and does not answer: ${redis}`
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
