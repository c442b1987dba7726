import { LRUCache } from 'lru-cache'
import { NIL_UUID } from '../platform/uuid.ts'
import { EndpointSketch, endpointHash } from './endpoint-sketch.ts'
import { type ActivityType, ERROR } from './kinds.ts'
import { Rollups } from './rollups.ts'

const HOUR_MS = 3_600_000
const GRAIN_MS = { hour: HOUR_MS, day: 86_400_000 } as const
const SKETCHES_KEPT = 4_000

/** What is added up of a row, whether it was just written or is read again. */
export interface CountedRow {
  readonly agentUserId: string
  readonly activityType: ActivityType
  readonly endpoint: string
  readonly statusCode: number
  readonly success: boolean
  readonly clientIp: string | null
  readonly durationMs: number
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly completedAt: number
  /** The secret that was used; undefined: an assertion or an access token. */
  readonly secretId: string | undefined
}

interface Use {
  readonly agentUserId: string
  readonly credentialId: string
  uses: number
  /** The start of the last one that was added, in milliseconds since the epoch. */
  lastUsedAt: number
  lastUsedIp: string | null
}

interface PeriodSketch {
  readonly start: number
  readonly sketch?: EndpointSketch
}

interface NewEndpoint {
  readonly sketch: EndpointSketch
  readonly hash: bigint
  readonly row: object
}

/** Sums of rows: what the metrics and the counts of uses are made of. */
export class Totals {
  readonly rollups = new Rollups()
  readonly #uses = new Map<string, Use>()
  readonly #endpoints = new Map<string, NewEndpoint>()
  readonly #sketches: EndpointSketches

  constructor(sketches: EndpointSketches) {
    this.#sketches = sketches
  }

  add(row: CountedRow): void {
    this.rollups.add(row, row.durationMs)
    if (isUse(row)) this.#addUse(row)
    this.#addEndpoint(row)
  }

  /** How many rows writing it down would touch. */
  get size(): number {
    return this.rollups.size + this.#uses.size + this.#endpoints.size
  }

  uses(): readonly object[] {
    return [...this.#uses.values()].map(({ agentUserId, credentialId, uses, lastUsedAt, lastUsedIp }) => ({
      agent_user_id: agentUserId,
      credential_id: credentialId,
      uses,
      last_used_at: new Date(lastUsedAt).toISOString(),
      last_used_ip: lastUsedIp,
    }))
  }

  endpoints(): readonly object[] {
    return [...this.#endpoints.values()].map(({ row }) => row)
  }

  /** Notes that it was written down. */
  written(): void {
    for (const { sketch, hash } of this.#endpoints.values()) sketch.stored(hash)
  }

  #addUse({ agentUserId, secretId = NIL_UUID, clientIp, startedAt }: CountedRow): void {
    const key = `${agentUserId} ${secretId}`
    let use = this.#uses.get(key)
    if (!use) {
      use = { agentUserId, credentialId: secretId, uses: 0, lastUsedAt: startedAt, lastUsedIp: clientIp }
      this.#uses.set(key, use)
    }
    use.uses += 1
    use.lastUsedAt = startedAt
    use.lastUsedIp = clientIp
  }

  #addEndpoint({ agentUserId, activityType, endpoint, startedAt }: CountedRow): void {
    const hash = endpointHash(endpoint)
    for (const grain of ['hour', 'day'] as const) {
      const start = startedAt - (startedAt % GRAIN_MS[grain])
      const sketch = this.#sketches.of(agentUserId, activityType, grain, start)
      if (!sketch.isNews(hash)) continue
      const key = `${agentUserId} ${activityType} ${grain} ${start} ${hash}`
      if (this.#endpoints.has(key)) continue
      const row = {
        agent_user_id: agentUserId,
        grain,
        period_start: new Date(start).toISOString(),
        activity_type: activityType,
        hash: hash.toString(),
      }
      this.#endpoints.set(key, { sketch, hash, row })
    }
  }
}

/** Whether a row is a use of its pass: a refused grant is none, and who was answered 401 was not let in. */
function isUse({ activityType, statusCode }: CountedRow): boolean {
  return activityType !== ERROR && statusCode !== 401
}

/** Of each agent and type, which endpoints are known to be stored for the periods that were written last. */
export class EndpointSketches {
  readonly #kept = new LRUCache<string, Record<'hour' | 'day', PeriodSketch>>({ max: SKETCHES_KEPT })

  /** @param start of the period, in milliseconds since the epoch */
  of(agentUserId: string, activityType: ActivityType, grain: 'hour' | 'day', start: number): EndpointSketch {
    const key = `${agentUserId} ${activityType}`
    let current = this.#kept.get(key)
    if (!current) {
      current = { hour: { start: Number.NaN }, day: { start: Number.NaN } }
      this.#kept.set(key, current)
    }
    const known = current[grain]
    if (known.start === start && known.sketch) return known.sketch
    const sketch = new EndpointSketch()
    current[grain] = { start, sketch }
    return sketch
  }
}
