import { networkOf } from '../http/rate-limiting.ts'
import type { Database } from '../platform/database.ts'
import { errorText, masked, maskedDeep } from '../platform/masking.ts'
import { type ActivityType, ERROR } from './kinds.ts'
import { RECORD } from './record-statement.ts'
import type { TokenEnd } from './token-end.ts'
import type { CountedRow, Totals } from './totals.ts'

/** Refusals of one agent from one address that have a row each within a minute; the rest of it shares one. */
const REFUSAL_ROWS_PER_WINDOW = 20
const MINUTE_MS = 60_000
/** What `record_batch` answers where the node's number is another's by now. */
const NUMBER_LOST = -1

/** What happened, before it is known when the record of it is committed. */
export interface ActivityDraft {
  readonly id: string
  readonly agentUserId: string
  readonly projectId: string | null
  readonly activityType: ActivityType
  /** The path, without its query string. */
  readonly endpoint: string
  /** null: who told of it did not say. */
  readonly httpMethod: string | null
  readonly statusCode: number
  readonly success: boolean
  readonly clientIp: string | null
  readonly userAgent: string | null
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** A monotonic reading (`performance.now()`) of the same instant: durations survive a clock that is set. */
  readonly startedAtMonotonic: number
  readonly errorMessage: string | null
  readonly metadata: Readonly<Record<string, unknown>>
  /** What decides, with the pass, how long the token lives that this row granted. */
  readonly granted?: GrantedToken
}

/** The token of a grant, as its row keeps it. */
export interface GrantedToken {
  /** The pass's epoch at the grant. */
  readonly epoch: number
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
}

/** A pass as it was when something was decided by it. */
export interface PassCheck {
  readonly passId: string
  readonly version: number
  /** A token of it that must not have been ended by itself. */
  readonly tokenId?: string
}

/** One act and all that has to be written with it, or not at all. */
export interface Act {
  /** The state of each pass that the act was decided on. When one is no longer in it, nothing is written. */
  readonly checks?: readonly PassCheck[]
  readonly events: readonly ActivityDraft[]
  readonly revocations?: readonly TokenEnd[]
}

/** Under which number of a node a batch is written. */
export interface BatchPlace {
  readonly node: number
  readonly holder: string
  readonly batch: number
}

/** A batch as it can be written: when the rows end, their durations are known. */
export interface PreparedBatch {
  readonly acts: readonly Act[]
  readonly events: readonly object[]
  readonly refusals: readonly object[]
  /** What the rows come to, for whoever adds them up when they are written. */
  readonly counted: readonly CountedRow[]
  /** Of refusals, which are added up in the commit. */
  readonly refused: Totals
  /** The earliest end of a row, in milliseconds since the epoch. */
  readonly endedAt: number
}

/** What became of a batch: the positions of the acts whose check did not hold, none when it was written; or the number was lost. */
export type BatchOutcome = readonly number[] | 'number_lost'

/** Writes batches of acts through the database function `record_batch`, in one statement. */
export class RecordBatch {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Whether the database has a process of its own, which works while this one does. */
  get isApart(): boolean {
    return this.#database.kind === 'postgresql'
  }

  /** @param refused for the sums of refusals, empty */
  prepare(acts: readonly Act[], refused: Totals): PreparedBatch {
    const monotonicNow = performance.now()
    const events: object[] = []
    const refusals = new Map<string, { head: object; attempts: number; events: object[] }>()
    const counted: CountedRow[] = []
    let endedAt = Number.POSITIVE_INFINITY
    for (const act of acts)
      for (const draft of act.events.map(asKept)) {
        const durationMs = Math.max(0, Math.round(monotonicNow - draft.startedAtMonotonic))
        const row = eventRow(draft, durationMs)
        const count = countedRow(draft, durationMs)
        endedAt = Math.min(endedAt, count.completedAt)
        if (draft.activityType === ERROR) {
          addRefusal(refusals, draft, row)
          refused.add(count)
        } else {
          events.push(row)
          counted.push(count)
        }
      }
    const rows = [...refusals.values()].map(group => ({
      ...group.head,
      attempts: group.attempts,
      rows_per_window: REFUSAL_ROWS_PER_WINDOW,
      events: group.events,
    }))
    return { acts, events, refusals: rows, counted, refused, endedAt }
  }

  /** Writes all of the acts, or none. */
  async write(
    { acts, events, refusals, refused }: PreparedBatch,
    { node, holder, batch }: BatchPlace,
  ): Promise<BatchOutcome> {
    const checks = acts.flatMap((act, position) =>
      (act.checks ?? []).map(({ passId, version, tokenId }) => ({
        position,
        pass_id: passId,
        version,
        token_id: tokenId,
      })),
    )
    const rows = await this.#database.commit<{ stale: number[] | null }>('record_batch', RECORD, [
      node,
      holder,
      batch,
      section(checks),
      section(acts.flatMap(act => (act.revocations ?? []).map(tokenEndRow))),
      storableJson(events),
      refused.rollups.rounds,
      storableJson(refused.rollups.rows()),
      section(refused.endpoints()),
      section(refusals),
    ])
    const stale = rows[0]?.stale ?? []
    if (stale.includes(NUMBER_LOST)) return 'number_lost'
    if (stale.length === 0) refused.written()
    return stale
  }
}

/**
 * The JSON of a batch with U+FFFD for what PostgreSQL's text cannot hold: NUL and halves of surrogate pairs. Callers
 * can bring both into what is recorded of them, and one row that is refused would take the whole batch with it.
 */
function storableJson(rows: readonly object[]): string {
  const json = JSON.stringify(rows)
  if (!json.includes('\\u') || !/\\u(?:0000|d[89a-f])/.test(json)) return json
  return JSON.stringify(rows, (_key, member: unknown) =>
    typeof member === 'string' ? member.toWellFormed().replaceAll('\0', '\uFFFD') : member,
  )
}

/** A section of a batch; null when there is nothing in it, which spares the database its statement. */
function section(rows: readonly object[]): string | null {
  return rows.length === 0 ? null : storableJson(rows)
}

/** What is kept of what happened. Callers choose some of it, and put into it what they should have kept to themselves. */
function asKept(draft: ActivityDraft): ActivityDraft {
  const metadata = maskedDeep(draft.metadata)
  const endpoint = masked(draft.endpoint)
  const httpMethod = draft.httpMethod && masked(draft.httpMethod)
  const userAgent = draft.userAgent && masked(draft.userAgent)
  // Nearly every row is good as it is.
  if (
    metadata === draft.metadata &&
    endpoint === draft.endpoint &&
    httpMethod === draft.httpMethod &&
    userAgent === draft.userAgent &&
    draft.errorMessage === null
  )
    return draft
  return {
    ...draft,
    ...{ endpoint, httpMethod, userAgent },
    errorMessage: draft.errorMessage && errorText(draft.errorMessage),
    metadata: metadata === draft.metadata ? metadata : { ...metadata, ...thumbprintsOf(draft.metadata) },
  }
}

/** Digests that this server or a certificate made, of which one in some thousands begins like a secret by chance. */
function thumbprintsOf(metadata: Readonly<Record<string, unknown>>): object {
  const own = ['signing_key', 'certificate_thumbprint']
  return Object.fromEntries(own.flatMap(name => (name in metadata ? [[name, metadata[name]]] : [])))
}

// The order of the members is that of the columns in `record_batch`, by name.
function eventRow(draft: ActivityDraft, durationMs: number): object {
  return {
    agent_user_id: draft.agentUserId,
    started_at: new Date(draft.startedAt).toISOString(),
    id: draft.id,
    project_id: draft.projectId,
    activity_type: draft.activityType,
    endpoint: draft.endpoint,
    http_method: draft.httpMethod,
    status_code: draft.statusCode,
    success: draft.success,
    client_ip: draft.clientIp,
    user_agent: draft.userAgent,
    completed_at: new Date(draft.startedAt + durationMs).toISOString(),
    duration_ms: durationMs,
    error_message: draft.errorMessage,
    metadata: draft.metadata,
    token_epoch: draft.granted?.epoch,
    token_expires_at: draft.granted && new Date(draft.granted.expiresAt).toISOString(),
  }
}

function countedRow(draft: ActivityDraft, durationMs: number): CountedRow {
  const { agentUserId, activityType, endpoint, statusCode, success, clientIp, startedAt, metadata } = draft
  return {
    agentUserId,
    activityType,
    endpoint,
    statusCode,
    success,
    clientIp,
    durationMs,
    startedAt,
    completedAt: startedAt + durationMs,
    secretId: typeof metadata.secret_id === 'string' ? metadata.secret_id : undefined,
  }
}

function tokenEndRow({ id, expiresAt }: TokenEnd): object {
  return { id, expires_at: new Date(expiresAt).toISOString() }
}

function addRefusal(
  refusals: Map<string, { head: object; attempts: number; events: object[] }>,
  draft: ActivityDraft,
  row: object,
): void {
  const minute = new Date(draft.startedAt - (draft.startedAt % MINUTE_MS)).toISOString()
  // The row has the address itself; an owner of a network of IPv6 has no end of them.
  const clientIp = networkOf(draft.clientIp ?? '')
  const key = `${draft.agentUserId} ${clientIp} ${minute}`
  let group = refusals.get(key)
  if (!group) {
    group = {
      head: { agent_user_id: draft.agentUserId, client_ip: clientIp, minute },
      attempts: 0,
      events: [],
    }
    refusals.set(key, group)
  }
  group.attempts += 1
  // One more than can have a row of its own: the first of the surplus stands for all of it.
  if (group.events.length <= REFUSAL_ROWS_PER_WINDOW) group.events.push(row)
}
