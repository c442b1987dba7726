import { countDistinct, endpointHash } from '../record/endpoint-sketch.ts'
import { latencyBucket, percentile } from '../record/latency-buckets.ts'
import type { HourRollup, MeasuredRow } from './metrics.store.ts'

/** The six figures of a period. */
export interface Figures {
  readonly total_requests: number
  readonly success_count: number
  readonly error_count: number
  /** Milliseconds, rounded to hundredths. */
  readonly avg_latency_ms: number
  /** Milliseconds, within 1% of exact. */
  readonly p95_latency_ms: number
  /** Exact to 1,000, within 2% beyond. */
  readonly unique_endpoints: number
}

/** Gathers what one period, or all of them, consist of. */
export class Accumulator {
  requests = 0
  successes = 0
  durationMs = 0
  readonly latencies = new Map<number, number>()
  readonly endpoints = new Set<bigint>()

  addRollup({ requests, successes, durationMs, lowestBucket, latency }: HourRollup): void {
    this.requests += requests
    this.successes += successes
    this.durationMs += durationMs
    for (const [offset, count] of latency.entries())
      if (count > 0) this.#addLatency(lowestBucket + offset, count)
  }

  addRow({ attempts, success, durationMs, endpoint }: MeasuredRow): void {
    this.requests += attempts
    this.successes += success ? attempts : 0
    this.durationMs += durationMs * attempts
    this.#addLatency(latencyBucket(durationMs), attempts)
    this.endpoints.add(endpointHash(endpoint))
  }

  #addLatency(bucket: number, requests: number): void {
    this.latencies.set(bucket, (this.latencies.get(bucket) ?? 0) + requests)
  }

  figures(): Figures {
    return {
      total_requests: this.requests,
      success_count: this.successes,
      error_count: this.requests - this.successes,
      avg_latency_ms: this.requests === 0 ? 0 : roundToHundredths(this.durationMs / this.requests),
      p95_latency_ms: roundToHundredths(percentile(this.latencies, 0.95)),
      unique_endpoints: countDistinct(this.endpoints),
    }
  }
}

function roundToHundredths(value: number): number {
  return Math.round(value * 100) / 100
}
