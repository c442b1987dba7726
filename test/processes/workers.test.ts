import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { entities } from '../../src/entities.ts'
import { Database } from '../../src/platform/database.ts'
import { currentBackend, logger, type TestPlace } from '../support/backend.ts'
import { describeUnless } from '../support/describe-unless.ts'
import {
  eachInPlace,
  freePort,
  isGroupAlive,
  placeEnv,
  runScript,
  type ServerProcess,
  startProcess,
  until,
} from '../support/process.ts'
import { firstProject, remote } from '../support/remote.ts'
import type { TestCredentials } from '../support/server.ts'
import { startGrantLoad } from './grant-load.ts'
import { FORM, requestUnderWay } from './request-under-way.ts'

const SERVER = [process.execPath, 'src/main.ts'] as const
const METRICS_TOKEN = 'metrics-of-all-workers'

let place: TestPlace

const embedded = currentBackend() === 'pglite' ? 'The embedded database has one process' : undefined

describeUnless(embedded, 'two workers', () => {
  eachInPlace(made => {
    place = made
  })

  it('both answer, and each tells the metrics of both', async () => {
    const metricsPort = await freePort()
    const server = await startTwo({ METRICS_PORT: String(metricsPort) })
    const project = firstProject(server.stdout())
    const { credentials } = await remote(server.url, project).createPass()
    for (let grant = 0; grant < 10; grant += 1) await grantOnce(server, credentials)
    // The system spreads connections by chance: some tens of new ones are enough for both to have had one.
    await until(async () => {
      const answer = await fetch(`${server.url}/health`, { headers: { Connection: 'close' } })
      await answer.arrayBuffer()
      return workersIn(server).size === 2
    }, 'both have logged a request')

    // Each of them in turn.
    for (let time = 0; time < 4; time += 1) {
      const metrics = await metricsAt(`http://localhost:${metricsPort}/metrics`)
      expect(sumOf(metrics, 'sentinel_pass_grants_total')).toBe(10)
      expect(metrics).toContain('sentinel_pass_workers{state="serving"} 2\n')
      // Four connections each from the start on.
      expect(sumOf(metrics, 'sentinel_pass_database_connections{state="open"}')).toBeGreaterThanOrEqual(8)
      // What both read in the database is no sum.
      expect(sumOf(metrics, 'sentinel_pass_activity_partitions{count="weekly"}')).toBe(
        await countOfPartitions(),
      )
    }
    expect((await server.end('SIGTERM')).code).toBe(0)
  })

  it('go on without one that is killed, and another takes its place; nothing that was granted is lost', async () => {
    const server = await startTwo({ METRICS_TOKEN })
    const project = firstProject(server.stdout())
    const { credentials } = await remote(server.url, project).createPass()
    const agents = Array.from({ length: 8 }, () => credentials)
    const load = startGrantLoad(server.url, agents)
    await load.reached(400)
    const before = sumOf(await ownMetrics(server), 'sentinel_pass_grants_total')

    const [killed = 0] = workersOf(server)
    process.kill(killed, 'SIGKILL')
    await until(async () => server.stdout().includes('"SIGKILL"'), 'its end is seen')
    // A sum that falls is a start anew to Prometheus, which counts all of it again.
    expect(sumOf(await ownMetrics(server), 'sentinel_pass_grants_total')).toBeGreaterThanOrEqual(before)
    const received = () => load.received.get(credentials.agentUserId)?.length ?? 0
    await load.reached(received() + 50)
    // New connections come to the other one alone, until there are two again.
    for (let time = 0; time < 5; time += 1) await grantOnce(server, credentials)
    await until(async () => /serving"} 2\n/.test(await ownMetrics(server)), 'another one serves')
    expect(workersOf(server)).not.toContain(killed)
    const metrics = await ownMetrics(server)
    expect(metrics).toContain('sentinel_pass_worker_ends_total 1\n')

    expect((await server.end('SIGTERM')).code).toBe(0)
    await load.ended()
    expect(load.refusals).toEqual([])
    // Of the killed one, each connection can have lost the answer to a grant that is on record.
    const rows = await countOfRows()
    expect(rows).toBeGreaterThanOrEqual(received() + 5)
    expect(rows).toBeLessThanOrEqual(received() + 5 + agents.length)
  })

  it('both answer what is under way at a SIGTERM, to the first process or to all, and leave nothing behind', async () => {
    let first = ''
    for (const stop of ['first', 'all'] as const) {
      const server = await startTwo({})
      first ||= server.stdout()
      const project = firstProject(first)
      const { credentials } = await remote(server.url, project).createPass()
      const underWay = [
        await requestUnderWay(server, credentials),
        await requestUnderWay(server, credentials),
      ]
      const answers = underWay.map(one => once(one, 'response'))
      for (const answer of answers) answer.catch(() => {})
      process.kill(stop === 'first' ? server.pid : -server.pid, 'SIGTERM')
      await until(async () => server.stdout().split('"stopping: ').length === 3, 'both are stopping')
      for (const one of underWay) one.end(FORM)
      for (const answer of answers) {
        const [{ statusCode }] = await answer
        expect(statusCode).toBe(200)
      }
      const { code, stdout } = await server.ended()
      expect(code).toBe(0)
      expect(stdout.split('"stopped"')).toHaveLength(3)
      expect(isGroupAlive(server.pid)).toBe(false)
    }
  })

  it('end with the first process, however that ends', async () => {
    const server = await startTwo({})
    server.signal('SIGKILL')
    await until(async () => !isGroupAlive(server.pid), 'all have ended')
  })

  it('end the whole, with code and message, where none of them can be started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sentinel-pass-test-'))
    const file = join(folder, 'broken')
    const env = { ...placeEnv(place), ...breakWorkers(file), WORKERS: '2', PORT: String(await freePort()) }
    writeFileSync(file, '')
    const { code, stderr } = await runScript(['src/main.ts'], env)
    expect([code, stderr]).toEqual([75, 'This worker cannot be started.\n'])

    // One that could be and cannot any more is tried again, while the other one serves.
    await rm(file)
    const server = await startTwo(breakWorkers(file))
    writeFileSync(file, '')
    process.kill(workersOf(server)[0] ?? 0, 'SIGKILL')
    await until(async () => server.stdout().split('"code":75').length > 3, 'tried again and again')
    expect((await fetch(`${server.url}/ready`)).status).toBe(200)
    await rm(file)
    await until(async () => workersOf(server).length === 2, 'started')
    expect((await server.end('SIGTERM')).code).toBe(0)
    await rm(folder, { recursive: true })
  })
})

/** Waits for both: the first one is ready before the other one is started. */
async function startTwo(env: Record<string, string>): Promise<ServerProcess> {
  const server = await startProcess({ ...placeEnv(place), ...env, WORKERS: '2' }, SERVER)
  await until(async () => server.stdout().includes('is ready'), 'both serve')
  return server
}

function breakWorkers(file: string): Record<string, string> {
  const module = pathToFileURL(join(import.meta.dirname, 'broken-worker.ts')).href
  return { NODE_OPTIONS: `--import=${module}`, TEST_BREAK_WORKERS: file }
}

/** Over a connection of its own, so that it comes to the worker whose turn it is. */
async function grantOnce(server: ServerProcess, credentials: TestCredentials): Promise<void> {
  const sent = await requestUnderWay(server, credentials)
  const answered = once(sent, 'response')
  sent.end(FORM)
  const [answer] = await answered
  expect(JSON.parse(await text(answer))).toMatchObject({ access_token: expect.any(String) })
}

/** The process ids of the workers that there are. */
function workersOf({ pid }: ServerProcess): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return children.trim().split(' ').map(Number)
}

/** The numbers of the workers that have answered requests, by the log. */
function workersIn(server: ServerProcess): Set<string> {
  const lines = server.stdout().split('\n')
  return new Set(
    lines.flatMap(line => (line.includes('"msg":"request"') ? (/"worker":\d+/.exec(line) ?? []) : [])),
  )
}

async function metricsAt(url: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(url, { headers: { ...headers, Connection: 'close' } })
  expect(answer.status).toBe(200)
  return answer.text()
}

function ownMetrics({ url }: ServerProcess): Promise<string> {
  return metricsAt(`${url}/metrics`, { Authorization: `Bearer ${METRICS_TOKEN}` })
}

/** Of all series whose line begins so. */
function sumOf(metrics: string, series: string): number {
  const lines = metrics.split('\n').filter(line => line.startsWith(series))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

async function countOfRows(): Promise<number> {
  return counted("select count(*)::int as count from activity where activity_type = 'token_generation'")
}

async function countOfPartitions(): Promise<number> {
  return counted(
    "select count(*)::int as count from pg_inherits where inhparent = 'activity'::regclass and inhrelid::regclass::text !~ 'default'",
  )
}

async function counted(statement: string): Promise<number> {
  const database = await Database.open(place.location, entities, logger)
  const [row] = await database.query<{ count: number }>(statement)
  await database.close()
  return row?.count ?? -1
}
