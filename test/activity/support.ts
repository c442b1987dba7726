import { v7 as uuidv7 } from 'uuid'
import type { Database } from '../../src/platform/database.ts'
import { NodeLease } from '../../src/record/node-lease.ts'
import { Partitions } from '../../src/record/partitions.ts'
import { type Act, type ActivityDraft, RecordBatch } from '../../src/record/record-batch.ts'
import { Recorder } from '../../src/record/recorder.ts'
import { TotalsWriter } from '../../src/record/totals-writer.ts'
import { logger } from '../support/backend.ts'
import type { TestClock } from '../support/clock.ts'
import type { TestPass, TestProject, TestServer } from '../support/server.ts'

/** A pass of a project, and the short names that the tests of activity need of it. */
export interface TestAgent {
  readonly project: TestProject
  readonly pass: TestPass
  readonly agentUserId: string
}

/** Makes a pass, in a project of its own when none is given. */
export async function createAgent(
  server: TestServer,
  fields: Record<string, unknown> = {},
  given?: TestProject,
): Promise<TestAgent> {
  const project = given ?? (await server.createProject())
  const pass = await server.createPass(project, fields)
  return { project, pass, agentUserId: pass.credentials.agentUserId }
}

/** Asks for activity with the API key of the agent's project. */
export function getActivity(
  server: TestServer,
  agent: TestAgent,
  what: 'logs' | 'export' | 'metrics',
  query: Record<string, string | number | boolean> = {},
) {
  return server.http
    .get(`/v1/api/oauth/agent/activity/${what}`)
    .set('Api-Key', agent.project.apiKey)
    .query({ agent_user_id: agent.agentUserId, ...query })
}

/** A row as the table has it; times in milliseconds since the epoch. */
export interface StoredActivity {
  readonly id: string
  readonly agentUserId: string
  readonly projectId: string | null
  readonly activityType: string
  readonly endpoint: string
  readonly statusCode: number
  readonly success: boolean
  readonly startedAt: number
  readonly completedAt: number
  readonly durationMs: number
  readonly errorMessage: string | null
  readonly metadata: Record<string, unknown>
}

/** The rows of an agent, oldest first. */
export function storedActivity(database: Database, agentUserId: string): Promise<StoredActivity[]> {
  return database.query<StoredActivity>(
    `select id, agent_user_id as "agentUserId", project_id as "projectId", activity_type as "activityType",
       endpoint, status_code as "statusCode", success, error_message as "errorMessage", metadata,
       duration_ms as "durationMs", (extract(epoch from started_at) * 1000)::float8 as "startedAt",
       (extract(epoch from completed_at) * 1000)::float8 as "completedAt"
     from activity where agent_user_id = $1 order by started_at, id`,
    [agentUserId],
  )
}

/** Something that the agent did; `durationMs` counts from now backwards. */
export function draftOf(
  agent: TestAgent,
  fields: Partial<ActivityDraft> & { readonly durationMs?: number } = {},
): ActivityDraft {
  const { durationMs = 0, ...others } = fields
  return {
    id: uuidv7(),
    agentUserId: agent.agentUserId,
    projectId: agent.project.projectId,
    activityType: 'api_request',
    endpoint: '/things',
    httpMethod: 'GET',
    statusCode: 200,
    success: true,
    clientIp: '192.0.2.1',
    userAgent: 'test',
    startedAt: Date.parse('2030-01-15T10:00:00.000Z'),
    startedAtMonotonic: performance.now() - durationMs,
    errorMessage: null,
    metadata: {},
    ...others,
  }
}

/** Commits drafts as one act through the server's own recorder. */
export async function commitDrafts(server: TestServer, events: readonly ActivityDraft[]): Promise<void> {
  await server.deps.record.recorder.commit({ events })
}

/** Puts many plain rows into the table at once, one a second from `from` on: for what only their number matters to. */
export async function insertRows(
  server: TestServer,
  agent: TestAgent,
  count: number,
  from = '2030-01-14T00:00:00.000Z',
): Promise<void> {
  await server.deps.database.query(
    `insert into activity (agent_user_id, started_at, id, project_id, activity_type, endpoint, http_method,
       status_code, success, client_ip, user_agent, completed_at, duration_ms, error_message, metadata)
     select $1::uuid, $3::timestamptz + n * interval '1 second', gen_random_uuid(), $2::uuid, 'api_request',
       '/bulk/' || n, 'GET', 200, true, '192.0.2.1', 'bulk', $3::timestamptz + n * interval '1 second', 0, null, '{}'
     from generate_series(1, $4::int) as n`,
    [agent.agentUserId, agent.project.projectId, from, count],
  )
}

/** A recorder of its own over a database: to the database, another node. */
export function recorderOver(
  database: Database,
  clock: TestClock,
  batch: Pick<RecordBatch, 'prepare' | 'write' | 'isApart'> = new RecordBatch(database),
) {
  const lease = new NodeLease(database)
  const totals = new TotalsWriter(database, lease, clock, logger)
  const recorder = new Recorder(clock, batch, lease, totals, new Partitions(database, logger), () => {})
  return {
    recorder,
    lease,
    totals,
    async stop() {
      await recorder.drain()
      await totals.stop()
      await lease.release()
    },
  }
}

/** Writes batches under a number of its own, past any lease, and adds them up at once. */
export async function batchesOver(server: TestServer, node: number) {
  const { database } = server.deps
  const holder = crypto.randomUUID()
  await database.query(
    `insert into nodes (id, holder, leased_until) values ($1, $2, now() + interval '1 hour')
     on conflict (id) do update set holder = excluded.holder, leased_until = excluded.leased_until`,
    [node, holder],
  )
  const batch = new RecordBatch(database)
  const totals = new TotalsWriter(database, new NodeLease(database), server.clock, logger)
  const [row] = await database.query<{ mark: string }>('select mark from nodes where id = $1', [node])
  const held = { node, holder, lastBatch: Number(row?.mark), behind: [], markedAt: Number.POSITIVE_INFINITY }
  return async (acts: readonly Act[]) => {
    const prepared = batch.prepare(acts, totals.newTotals())
    const number = await totals.begin(held, prepared.endedAt)
    if (number === undefined) throw new Error('The number was given up')
    const outcome = await batch.write(prepared, { node, holder, batch: number })
    totals.settle(held, number, outcome.length === 0 ? prepared.counted : [])
    await totals.flush()
    return outcome
  }
}
