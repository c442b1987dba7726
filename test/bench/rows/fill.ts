import pg from 'pg'
import { endpointHash } from '../../../src/record/endpoint-sketch.ts'

const DAYS = 30
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const WEEK_MS = 7 * DAY_MS
// 1970-01-05 was a Monday, on which weeks begin.
const FIRST_MONDAY_MS = 4 * DAY_MS
/** Written in one statement: a few seconds of work. */
const AT_ONCE = 500_000
const ENDPOINTS = Array.from({ length: 20 }, (_, index) => `/things/${index}`)
const OTHERS = 50

/** A log of the last 30 days, and where things are in it. */
export interface Filled {
  /** Its agent has every second row. */
  readonly agent: string
  /** The last of the agent's rows is younger than this instant, and as many others are as an export has at most. */
  readonly exportFrom: Date
  /** The position of the agent's row in the middle of the log. */
  readonly middle: { readonly startedAt: Date; readonly id: string }
}

/**
 * Writes a log straight into the database, every second row one agent's, the rest fifty deleted passes' of its project,
 * with the sums that recording them would have made.
 * @param exported so many of the agent's rows are to be younger than `exportFrom`
 */
export async function fill(
  url: string,
  agent: string,
  size: number,
  exported: number,
  say: (line: string) => void,
): Promise<Filled> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    // Nobody waits for these rows.
    await client.query('set synchronous_commit = off')
    const end = Math.floor(Date.now() / HOUR_MS) * HOUR_MS
    const start = end - DAYS * DAY_MS
    await makeWeeks(client, start, end)
    const others = await makeOthers(client, agent, end)
    await writeRows(client, { agent, others, size, start, stepMs: (end - start) / size }, say)
    await writeSums(client)
    await client.query('vacuum analyze')
    const stepMs = (end - start) / size
    const exportFrom = new Date(end - exported * 2 * stepMs)
    return { agent, exportFrom, middle: await middleOf(client, agent, new Date((start + end) / 2)) }
  } finally {
    await client.end()
  }
}

async function makeWeeks(client: pg.Client, start: number, end: number): Promise<void> {
  for (let week = Math.floor((start - FIRST_MONDAY_MS) / WEEK_MS); ; week += 1) {
    const from = FIRST_MONDAY_MS + week * WEEK_MS
    if (from > end) return
    const [first, next] = [from, from + WEEK_MS].map(at => new Date(at).toISOString())
    const name = `activity_${first?.slice(0, 10).replaceAll('-', '')}`
    await client.query(
      `create table if not exists ${name} partition of activity for values from ('${first}') to ('${next}')`,
    )
  }
}

async function makeOthers(client: pg.Client, agent: string, end: number): Promise<string[]> {
  const others = Array.from({ length: OTHERS }, () => crypto.randomUUID())
  await client.query(
    `insert into tombstones (agent_user_id, project_id, sentinel_pass_id, pass_id, title, client_id, deleted_at)
     select id, (select project_id from passes where agent_id = $2), gen_random_uuid(), 'SP-2030-' || id, 'Other',
       'sp_' || id, $3 from unnest($1::uuid[]) as others(id)`,
    [others, agent, new Date(end).toISOString()],
  )
  return others
}

interface Rows {
  readonly agent: string
  readonly others: readonly string[]
  readonly size: number
  readonly start: number
  readonly stepMs: number
}

async function writeRows(
  client: pg.Client,
  { agent, others, size, start, stepMs }: Rows,
  say: (line: string) => void,
): Promise<void> {
  for (let from = 0; from < size; from += AT_ONCE) {
    const until = Math.min(size, from + AT_ONCE)
    await client.query(
      `insert into activity (agent_user_id, started_at, id, project_id, activity_type, endpoint, http_method, status_code,
         success, client_ip, user_agent, completed_at, duration_ms, metadata)
       select case when i % 2 = 0 then $1::uuid else ($2::uuid[])[1 + (i / 2) % ${OTHERS}] end, at, gen_random_uuid(),
         (select project_id from passes where agent_id = $1), 'api_request', ($3::text[])[1 + i % 20], 'GET',
         case when i % 10 = 0 then 500 else 200 end, i % 10 <> 0, '203.0.113.7', 'bench', at + interval '1 ms',
         1 + i % 50, '{"observed": "introspection"}'
       from generate_series($4::int, $5::int - 1) i,
         lateral (select $6::timestamptz + i * $7::float8 * interval '1 ms') t(at)`,
      [agent, others, ENDPOINTS, from, until, new Date(start).toISOString(), stepMs],
    )
    if (size > AT_ONCE) say(`${until.toLocaleString('en-GB')} rows of ${size.toLocaleString('en-GB')}`)
  }
}

/** What recording the rows would have added up, but for the grants that the server has recorded itself: figures by hour with their latencies, and which endpoints there were. */
async function writeSums(client: pg.Client): Promise<void> {
  await client.query(
    `create temporary table counted as
     select agent_user_id, date_trunc('hour', started_at, 'UTC') as hour, activity_type, duration_ms, endpoint,
       count(*) as n, count(*) filter (where success) as good
     from activity where activity_type = 'api_request' group by 1, 2, 3, 4, 5`,
  )
  await client.query(
    `insert into activity_rollups (agent_user_id, hour, node, activity_type, requests, successes, duration_ms, latency)
     select agent_user_id, hour, 1, activity_type, sum(n), sum(good), sum(n * duration_ms),
       ('[1:50]={' || string_agg(n::text, ',' order by duration_ms) || '}')::int[]
     from (
       select a.agent_user_id, a.hour, a.activity_type, d as duration_ms, coalesce(r.n, 0) as n, coalesce(r.good, 0) as good
       from (select distinct agent_user_id, hour, activity_type from counted) a
       cross join generate_series(1, 50) d
       left join (
         select agent_user_id, hour, activity_type, duration_ms, sum(n) as n, sum(good) as good
         from counted group by 1, 2, 3, 4
       ) r on r.agent_user_id = a.agent_user_id and r.hour = a.hour and r.activity_type = a.activity_type
         and r.duration_ms = d
     ) as filled group by 1, 2, 3, 4`,
  )
  for (const grain of ['hour', 'day'])
    await client.query(
      `insert into activity_endpoints (agent_user_id, grain, period_start, activity_type, hash)
       select distinct agent_user_id, $1, date_trunc($1, hour, 'UTC'), activity_type,
         ($2::bigint[])[array_position($3::text[], endpoint)]
       from counted`,
      [grain, ENDPOINTS.map(endpoint => endpointHash(endpoint)), ENDPOINTS],
    )
}

async function middleOf(client: pg.Client, agent: string, at: Date): Promise<Filled['middle']> {
  const { rows } = await client.query<{ startedAt: Date; id: string }>(
    `select started_at as "startedAt", id from activity where agent_user_id = $1 and started_at <= $2
     order by started_at desc, id desc limit 1`,
    [agent, at],
  )
  const [row] = rows
  if (!row) throw new Error('The log has no row in its middle')
  return row
}
