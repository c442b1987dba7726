import type { Socket } from 'node:net'

/** A connection of `pg`: what of it there is to watch. */
interface Client {
  readonly connection: { readonly stream: Socket }
  release(destroy?: boolean): void
  once(event: 'end', listener: () => void): unknown
}

/** A pool of `pg`: what of it there is to watch. */
export interface WatchedPool {
  on(event: 'connect' | 'acquire', listener: (client: Client) => void): unknown
  on(event: 'release', listener: (error: unknown, client: Client) => void): unknown
}

/**
 * Looks after connections that somebody has in use.
 *
 * One on which PostgreSQL sends nothing is cut: its machine may be gone without a word, and the operating system would
 * wait a quarter of an hour. One that has ended is given back to the pool: who was in the middle of a transaction never
 * does that, since it waits to roll back first, and the pool would count it for ever.
 * @param mayBeSilent tells whether statements are under way that take as long as they take
 */
export function careForConnections(pool: WatchedPool, cutAfterMs: number, mayBeSilent: () => boolean): void {
  const inUse = new WeakSet<Client>()
  pool.on('acquire', client => inUse.add(client))
  pool.on('release', (_error, client) => inUse.delete(client))
  pool.on('connect', client => {
    const { stream } = client.connection
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
