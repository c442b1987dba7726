/**
 * Latencies in buckets no wider than 2%, so that a percentile read from their middle is within 1% of exact: one
 * bucket a millisecond up to 50 ms, geometric beyond.
 */
const EXACT_UP_TO_MS = 50
const GROWTH = Math.log(1.0198)

/** The bucket of a latency. @param durationMs whole milliseconds, 0 or more */
export function latencyBucket(durationMs: number): number {
  if (durationMs <= EXACT_UP_TO_MS) return durationMs
  return EXACT_UP_TO_MS + Math.ceil(Math.log(durationMs / EXACT_UP_TO_MS) / GROWTH)
}

/** The latency in milliseconds that stands for a bucket: at most 1% from any that is in it. */
export function bucketLatency(bucket: number): number {
  if (bucket <= EXACT_UP_TO_MS) return bucket
  const upper = EXACT_UP_TO_MS * Math.exp((bucket - EXACT_UP_TO_MS) * GROWTH)
  const lower = upper / Math.exp(GROWTH)
  return (2 * upper * lower) / (upper + lower)
}

/**
 * The latency below or at which a share of the requests lies (nearest rank).
 * @param counts requests by bucket
 * @param share 0.95 for the 95th percentile
 * @returns milliseconds, 0 when there are none
 */
export function percentile(counts: ReadonlyMap<number, number>, share: number): number {
  let total = 0
  for (const count of counts.values()) total += count
  const rank = Math.ceil(total * share)
  let seen = 0
  for (const bucket of [...counts.keys()].sort((a, b) => a - b)) {
    seen += counts.get(bucket) ?? 0
    if (seen >= rank && seen > 0) return bucketLatency(bucket)
  }
  return 0
}
