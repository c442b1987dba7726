/** As many commits as are under way at a time. */
const COMMITS = 2
const SHARE_OF_READS = 0.2

/** How many connections a process needs at least: two for commits, one for costly reads, two for all else. */
export const FEWEST_CONNECTIONS = 5

/** How the connections of a process are shared out. */
export interface PoolSizes {
  /** For what is put on record: each grant waits for one of these, and for nothing else. */
  readonly commits: number
  /** For logs, exports, figures and audit trails. */
  readonly reads: number
  /** For all else. */
  readonly requests: number
}

/** @param connections of a process, at least `FEWEST_CONNECTIONS` */
export function poolSizes(connections: number): PoolSizes {
  const reads = Math.max(1, Math.floor(connections * SHARE_OF_READS))
  return { commits: COMMITS, reads, requests: connections - COMMITS - reads }
}
