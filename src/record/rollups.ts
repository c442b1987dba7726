import { latencyBucket } from './latency-buckets.ts'
import type { CountedRow } from './totals.ts'

const HOUR_MS = 3_600_000

/** Counts of rows, merged by rollup row; a row's second latency bucket goes into a second round, and so on. */
export class Rollups {
  readonly #buckets = new Map<
    string,
    { row: Record<string, unknown>; requests: number; successes: number; durationMs: number }
  >()
  readonly #bucketsOfRow = new Map<string, number>()
  /** How many rounds there are. */
  rounds = 0

  add(
    draft: Pick<CountedRow, 'agentUserId' | 'activityType' | 'startedAt' | 'success'>,
    durationMs: number,
  ): void {
    const hour = draft.startedAt - (draft.startedAt % HOUR_MS)
    const bucket = latencyBucket(durationMs)
    const key = `${draft.agentUserId} ${hour} ${draft.activityType} ${bucket}`
    let entry = this.#buckets.get(key)
    if (!entry) {
      const rowKey = `${draft.agentUserId} ${hour} ${draft.activityType}`
      const round = this.#bucketsOfRow.get(rowKey) ?? 0
      this.#bucketsOfRow.set(rowKey, round + 1)
      this.rounds = Math.max(this.rounds, round + 1)
      const row = {
        round,
        agent_user_id: draft.agentUserId,
        hour: new Date(hour).toISOString(),
        activity_type: draft.activityType,
        bucket,
      }
      entry = { row, requests: 0, successes: 0, durationMs: 0 }
      this.#buckets.set(key, entry)
    }
    entry.requests += 1
    entry.successes += draft.success ? 1 : 0
    entry.durationMs += durationMs
  }

  get size(): number {
    return this.#buckets.size
  }

  rows(): object[] {
    return [...this.#buckets.values()].map(({ row, requests, successes, durationMs }) => ({
      ...row,
      requests,
      successes,
      duration_ms: durationMs,
    }))
  }
}
