/**
 * What the 30-day metrics and the first page of the log cost with 1,000,000 rows against 10,000, half of them one
 * agent's, the rest fifty others' of its project. Two databases, two servers, interleaved requests in one run; medians
 * and their ratio. The figures of a whole project cost by its agents and the hours in which they did something, of which
 * 10,000 rows have fewer: what these cost is shown, and nothing is promised.
 *
 * `npm run bench:rows` needs PostgreSQL (TEST_DATABASE_URL, or 127.0.0.1:5432). Exit code 1 above the ratio promised.
 */

import type { Database } from '../../src/platform/database.ts'
import { endpointHash } from '../../src/record/endpoint-sketch.ts'
import { Partitions } from '../../src/record/partitions.ts'

process.env.TEST_BACKEND = 'postgresql'
const { createTemplate, logger } = await import('../support/backend.ts')
const { TestClock } = await import('../support/clock.ts')
const { startServer } = await import('../support/server.ts')

const PROMISED_RATIO = 1.3
const SIZES = [10_000, 1_000_000] as const
const REQUESTS = 60
const DAYS = 30
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const ENDPOINTS = Array.from({ length: 20 }, (_, index) => `/things/${index}`)
const OTHERS = Array.from({ length: 50 }, () => crypto.randomUUID())

const template = await createTemplate()
process.env.TEST_TEMPLATE = template.name
const clock = new TestClock()

const sides = []
for (const size of SIZES) {
  process.stdout.write(`making ${size} rows …\n`)
  const server = await startServer({ clock })
  const project = await server.createProject()
  const { credentials } = await server.createPass(project)
  await fill(server.deps.database, credentials.agentUserId, project.projectId, size)
  const ask = async (what: string, query: object) => {
    const started = performance.now()
    const [path, whose] = what.startsWith('project ')
      ? [`${project.path}/activity/${what.slice('project '.length)}`, {}]
      : [`/v1/api/oauth/agent/activity/${what}`, { agent_user_id: credentials.agentUserId }]
    const answer = await server.http
      .get(path)
      .set('Api-Key', project.apiKey)
      .query({ ...whose, ...query })
    if (answer.status !== 200) throw new Error(`${what} answered ${answer.status}: ${answer.text}`)
    return performance.now() - started
  }
  sides.push({ size, server, ask })
}

const start_date = new Date(Math.ceil((clock.now() - DAYS * DAY_MS) / HOUR_MS) * HOUR_MS).toISOString()
let worst = 0
for (const [name, what, query, promised] of [
  ['30-day metrics by day', 'metrics', { group_by: 'day' }, true],
  ['30-day metrics by hour', 'metrics', { start_date, group_by: 'hour' }, true],
  ['first page of the log', 'logs', {}, true],
  ['first page of the project’s log', 'project logs', {}, true],
  ['30-day metrics of the project', 'project metrics', {}, false],
  ['30-day ranking of its passes', 'project passes', {}, false],
] as const) {
  const times: number[][] = sides.map(() => [])
  for (let request = 0; request < REQUESTS; request += 1)
    for (const [side, { ask }] of sides.entries()) times[side]?.push(await ask(what, query))
  const [small = 0, large = 0] = times.map(median)
  if (promised) worst = Math.max(worst, large / small)
  process.stdout.write(
    `${name}: ${small.toFixed(1)} ms with ${SIZES[0]} rows, ${large.toFixed(1)} ms with ${SIZES[1]}, `,
  )
  const promise = promised ? ` (promised: ${PROMISED_RATIO} or less)` : ''
  process.stdout.write(`ratio ${(large / small).toFixed(2)}${promise}\n`)
}
for (const { server } of sides) await server.close()
await template.remove()
process.exitCode = worst <= PROMISED_RATIO ? 0 : 1

/** Rows of the last 30 days, every second one the agent's, with the rollups that recording them would have made. */
async function fill(database: Database, agent: string, projectId: string, size: number): Promise<void> {
  const partitions = new Partitions(database, logger)
  const end = clock.now()
  for (let day = DAYS + 1; day >= 0; day -= 7) await partitions.ensure(end - day * DAY_MS)
  await partitions.ensure(end)
  await database.query(
    `insert into tombstones (agent_user_id, project_id, sentinel_pass_id, pass_id, title, client_id, deleted_at)
     select id, $2, gen_random_uuid(), 'SP-2030-' || id, 'Other', 'sp_' || id, $3 from unnest($1::uuid[]) as others(id)`,
    [OTHERS, projectId, new Date(end).toISOString()],
  )
  const stepMs = (DAYS * DAY_MS) / size
  await database.query(
    `insert into activity (agent_user_id, started_at, id, project_id, activity_type, endpoint, http_method, status_code,
       success, client_ip, user_agent, completed_at, duration_ms, metadata)
     select case when i % 2 = 0 then $1::uuid else ($2::uuid[])[1 + (i / 2) % 50] end, at, gen_random_uuid(), $3,
       'api_request', ($4::text[])[1 + i % 20], 'GET', case when i % 10 = 0 then 500 else 200 end, i % 10 <> 0,
       '203.0.113.7', 'bench', at + interval '1 ms', 1 + i % 50, '{"observed": "introspection"}'
     from generate_series(0, $5::int - 1) i, lateral (select $6::timestamptz + i * $7::float8 * interval '1 ms') t(at)`,
    [agent, OTHERS, projectId, ENDPOINTS, size, new Date(end - DAYS * DAY_MS).toISOString(), stepMs],
  )
  await database.query(
    `insert into activity_rollups (agent_user_id, hour, node, activity_type, requests, successes, duration_ms, latency)
     select agent_user_id, hour, 1, activity_type, sum(n), sum(good), sum(n * duration_ms),
       ('[1:50]={' || string_agg(n::text, ',' order by duration_ms) || '}')::int[]
     from (
       select a.agent_user_id, a.hour, a.activity_type, d as duration_ms, coalesce(r.n, 0) as n, coalesce(r.good, 0) as good
       from (select distinct agent_user_id, date_trunc('hour', started_at, 'UTC') as hour, activity_type from activity) a
       cross join generate_series(1, 50) d
       left join (
         select agent_user_id, date_trunc('hour', started_at, 'UTC') as hour, activity_type, duration_ms,
           count(*) as n, count(*) filter (where success) as good
         from activity group by 1, 2, 3, 4
       ) r on r.agent_user_id = a.agent_user_id and r.hour = a.hour and r.activity_type = a.activity_type
         and r.duration_ms = d
     ) as filled group by 1, 2, 3, 4`,
  )
  for (const grain of ['hour', 'day'])
    await database.query(
      `insert into activity_endpoints (agent_user_id, grain, period_start, activity_type, hash)
       select distinct agent_user_id, $1, date_trunc($1, started_at, 'UTC'), activity_type,
         ($2::bigint[])[array_position($3::text[], endpoint)]
       from activity`,
      [grain, ENDPOINTS.map(endpoint => endpointHash(endpoint)), ENDPOINTS],
    )
  await database.query('vacuum analyze')
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
