import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../support/process.ts'
import { startServer, type TestServer } from '../support/server.ts'

const METRICS_TOKEN = 'metrics-token-of-the-test'
const DOCUMENT = join(import.meta.dirname, '..', '..', 'docs', 'operate.md')

let server: TestServer
beforeAll(async () => {
  server = await startServer({ env: { METRICS_TOKEN } })
})
afterAll(() => server.close())

/** The sum of a metric's series that have these labels. */
async function value(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  const { text } = await server.http.get('/metrics').set('Authorization', `Bearer ${METRICS_TOKEN}`)
  const wanted = Object.entries(labels).map(([label, content]) => `${label}="${content}"`)
  return text
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter(line => wanted.every(label => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

/** By how much something raises a metric. */
async function rise(
  name: string,
  labels: Readonly<Record<string, string>>,
  act: () => Promise<unknown>,
): Promise<number> {
  const before = await value(name, labels)
  await act()
  return (await value(name, labels)) - before
}

/** Runs it while the database refuses every statement. */
async function withoutDatabase(act: () => Promise<unknown>): Promise<void> {
  const { database } = server.deps
  const value = () => Promise.reject(new Error('gone'))
  Object.defineProperty(database, 'query', { value, configurable: true })
  try {
    await act()
  } finally {
    Reflect.deleteProperty(database, 'query')
  }
}

const askWithWrongSecret = async () => {
  const { credentials } = await server.createPass(await server.createProject())
  const form = { grant_type: 'client_credentials' }
  return server.http.post('/v1/api/oauth/token').auth(credentials.clientId, 'wrong').type('form').send(form)
}

/** Each alarm of the document: how it comes about, and that its metric shows it. */
const ALARMS: Readonly<Record<string, readonly [metric: string, produce: () => Promise<void>]>> = {
  'Requests fail': [
    'sentinel_pass_http_request_duration_seconds',
    async () => {
      const { apiKey, path } = await server.createProject()
      const fail = () => withoutDatabase(() => server.http.get(path).set('Api-Key', apiKey))
      expect(await rise('sentinel_pass_http_request_duration_seconds_count', { status: '500' }, fail)).toBe(1)
    },
  ],
  'Node not ready': [
    'sentinel_pass_http_request_duration_seconds',
    async () => {
      const labels = { route: '/ready', status: '503' }
      const ask = () => withoutDatabase(() => server.http.get('/ready'))
      expect(await rise('sentinel_pass_http_request_duration_seconds_count', labels, ask)).toBe(1)
    },
  ],
  'Grants are refused': [
    'sentinel_pass_grants_total',
    async () => {
      const labels = { outcome: 'invalid_client' }
      expect(await rise('sentinel_pass_grants_total', labels, askWithWrongSecret)).toBe(1)
    },
  ],
  'Introspections are refused': [
    'sentinel_pass_introspections_total',
    async () => {
      const project = await server.createProject()
      const { credentials } = await server.createPass(project)
      const token = await server.fetchToken(credentials)
      const ask = (key: string) => () =>
        server.http
          .post('/v1/api/oauth/introspect')
          .set('Authorization', `Bearer ${key}`)
          .type('form')
          .send({ token })
      const name = 'sentinel_pass_introspections_total'
      expect(await rise(name, { result: 'refused' }, ask('spk_ended'))).toBe(1)
      expect(await rise(name, { result: 'active' }, ask(project.apiKey))).toBe(1)
      await server.http
        .post('/v1/api/oauth/revoke')
        .auth(credentials.clientId, credentials.clientSecret)
        .type('form')
        .send({ token })
      expect(await rise(name, { result: 'inactive' }, ask(project.apiKey))).toBe(1)
    },
  ],
  'Commits are slow': [
    'sentinel_pass_commit_batch_duration_seconds',
    async () => {
      const { credentials } = await server.createPass(await server.createProject())
      const grant = () => server.fetchToken(credentials)
      expect(await rise('sentinel_pass_commit_batch_duration_seconds_count', {}, grant)).toBe(1)
    },
  ],
  'Acts pile up': [
    'sentinel_pass_waiting',
    async () => {
      const acts = Array.from({ length: 10 }, () => server.deps.record.recorder.commit({ events: [] }))
      expect(server.deps.record.recorder.waiting).toBe(10)
      await Promise.all(acts)
      expect(await value('sentinel_pass_waiting', { for: 'commit' })).toBe(0)
    },
  ],
  'Hashing is the limit': [
    'sentinel_pass_slow_hash_duration_seconds',
    async () => {
      const project = await server.createProject()
      const make = () => server.createPass(project)
      expect(await rise('sentinel_pass_slow_hash_duration_seconds_count', {}, make)).toBe(1)
    },
  ],
  'No free connection': [
    'sentinel_pass_database_connections',
    async () => {
      const name = 'sentinel_pass_database_connections'
      expect(await value(name, { state: 'open' })).toBeGreaterThan(0)
      if (server.deps.database.kind === 'pglite') return
      const { database } = server.deps
      const holders = Array.from({ length: 12 }, () => database.query('select pg_sleep(0.5)'))
      await until(async () => database.pool.waitingCount > 1, 'a pool in use')
      expect(await value(name, { state: 'waiting' })).toBeGreaterThan(1)
      await Promise.all(holders)
    },
  ],
  'Rows without a partition': [
    'sentinel_pass_activity_partitions',
    async () => {
      const labels = { count: 'default_rows' }
      const misplace = () =>
        server.deps.database.query(
          `insert into activity_default (agent_user_id, started_at, id, activity_type, endpoint, http_method, status_code,
             success, completed_at, duration_ms, metadata)
           values (gen_random_uuid(), '2001-01-01', gen_random_uuid(), 'error', '/', 'GET', 400, false, '2001-01-01', 1, '{}')`,
        )
      expect(await rise('sentinel_pass_activity_partitions', labels, misplace)).toBe(1)
    },
  ],
  'Partitions cannot be made': [
    'sentinel_pass_activity_partition_faults_total',
    async () => {
      // Their week has rows in the default partition already: PostgreSQL refuses to make the partition.
      const grant = async () => {
        const { credentials } = await server.createPass(await server.createProject())
        await server.deps.database.query(
          `insert into activity_default (agent_user_id, started_at, id, activity_type, endpoint, http_method, status_code,
             success, completed_at, duration_ms, metadata)
           values (gen_random_uuid(), $1, gen_random_uuid(), 'error', '/', 'GET', 400, false, $1, 1, '{}')`,
          [new Date(server.clock.now() + 21 * 86_400_000)],
        )
        server.clock.advance({ days: 21 })
        await server.fetchToken(credentials)
      }
      expect(await rise('sentinel_pass_activity_partition_faults_total', {}, grant)).toBe(1)
    },
  ],
  'Deleting fails': [
    'sentinel_pass_retention_faults_total',
    async () => {
      const { accessTokens, retention } = server.deps
      const { store: tokens } = accessTokens
      const value = () => Promise.reject(new Error('gone'))
      Object.defineProperty(tokens, 'deleteEnds', { value, configurable: true })
      server.clock.advance({ hours: 1 })
      const turn = () => retention.run()
      expect(await rise('sentinel_pass_retention_faults_total', {}, turn)).toBe(1)
      Reflect.deleteProperty(tokens, 'deleteEnds')
    },
  ],
  'Requests are limited': [
    'sentinel_pass_http_request_duration_seconds',
    async () => {
      const file = join(import.meta.dirname, '..', '..', 'config', 'rate-limits.json')
      const limited = await startServer({ env: { METRICS_TOKEN, RATE_LIMITS: file } })
      try {
        const statuses = new Set<number>()
        for (let tries = 0; tries < 61; tries += 1)
          statuses.add((await limited.http.get('/v1/api/organizations').set('Api-Key', 'spk_wrong')).status)
        expect([...statuses]).toEqual([401, 429])
        const { text } = await limited.http.get('/metrics').set('Authorization', `Bearer ${METRICS_TOKEN}`)
        expect(text).toMatch(/request_duration_seconds_count\{[^}]*status="429"\} 1$/m)
      } finally {
        await limited.close()
      }
    },
  ],
  'Signing key too old': [
    'sentinel_pass_signing_key_age_seconds',
    async () => {
      const day = 86_400
      const wait = async () => server.clock.advance({ days: 91 })
      expect(await rise('sentinel_pass_signing_key_age_seconds', { alg: 'EdDSA' }, wait)).toBe(91 * day)
    },
  ],
}

describe('the alarm', () => {
  it.each(Object.entries(ALARMS).map(([alarm, [, produce]]) => [alarm, produce] as const))(
    '"%s" is seen in its metric',
    async (_alarm, produce) => {
      await produce()
    },
  )
})

/** Those that take processes of their own to come about, in `test/processes/workers.test.ts`. */
const OF_WORKERS = [
  ['Workers end', 'sentinel_pass_worker_ends_total'],
  ['Workers missing', 'sentinel_pass_workers'],
]

describe('the document of the alarms', () => {
  it('names those that are tested, each with its metric, and no other', () => {
    const rows = readFileSync(DOCUMENT, 'utf8').matchAll(/^\| ([^|]+) \| `(sentinel_pass_\w+)` \|/gm)
    const named = [...rows].map(([, alarm, metric]) => [alarm, metric])
    const tested = [...Object.entries(ALARMS).map(([alarm, [metric]]) => [alarm, metric]), ...OF_WORKERS]
    expect(named.toSorted()).toEqual(tested.toSorted())
  })
})
