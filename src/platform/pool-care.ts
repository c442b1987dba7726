import { Socket } from 'node:net'
import type { Pool, PoolClient } from 'pg'

/**
 * Looks after connections that somebody has in use.
 *
 * One on which PostgreSQL sends nothing is cut: its machine may be gone without a word, and the operating system would
 * wait a quarter of an hour. One that has ended is given back to the pool: who was in the middle of a transaction never
 * does that, since it waits to roll back first, and the pool would count it for ever.
 * @param mayBeSilent tells whether statements are under way that take as long as they take
 */
export function careForConnections(
  pool: Pick<Pool, 'on'>,
  cutAfterMs: number,
  mayBeSilent: () => boolean,
): void {
  const inUse = new WeakSet<PoolClient>()
  pool.on('acquire', client => inUse.add(client))
  pool.on('release', (_error, client) => inUse.delete(client))
  pool.on('connect', client => {
    const stream = streamOf(client)
    stream.setTimeout(cutAfterMs).on('timeout', () => {
      if (inUse.has(client) && !mayBeSilent())
        stream.destroy(new Error(`Connection terminated: PostgreSQL sent nothing for ${cutAfterMs} ms`))
    })
    client.once('end', () => {
      if (!inUse.has(client)) return
      const release = client.release.bind(client)
      // Whoever had it may still give it back.
      client.release = () => {}
      release(true)
    })
  })
}

/** @throws Error where `pg` reads from something else than a socket */
function streamOf({ connection: { stream } }: PoolClient): Socket {
  if (stream instanceof Socket) return stream
  throw new Error('A connection of pg has no socket')
}
