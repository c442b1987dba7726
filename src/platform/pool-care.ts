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
 * Gives connections that have ended back to the pool: who was in the middle of a transaction never does, since it
 * waits to roll back first, and the pool would count them for ever.
 */
export function giveBackEndedConnections(pool: WatchedPool): void {
  const inUse = new WeakSet<Client>()
  pool.on('acquire', client => inUse.add(client))
  pool.on('release', (_error, client) => inUse.delete(client))
  pool.on('connect', client => {
    client.once('end', () => {
      if (!inUse.has(client)) return
      const release = client.release.bind(client)
      // Whoever had it may still give it back.
      client.release = () => {}
      release(true)
    })
  })
}

/**
 * Cuts connections that somebody waits for and on which PostgreSQL sends nothing: its machine may be gone without a
 * word, and the operating system would wait a quarter of an hour. Who waits is told, and the pool connects anew.
 * @param mayBeSilent tells whether statements are under way that take as long as they take
 */
export function cutSilentConnections(pool: WatchedPool, afterMs: number, mayBeSilent: () => boolean): void {
  const inUse = new WeakSet<Client>()
  pool.on('acquire', client => inUse.add(client))
  pool.on('release', (_error, client) => inUse.delete(client))
  pool.on('connect', client => {
    const { stream } = client.connection
    stream.setTimeout(afterMs).on('timeout', () => {
      if (inUse.has(client) && !mayBeSilent())
        stream.destroy(new Error(`Connection terminated: PostgreSQL sent nothing for ${afterMs} ms`))
    })
  })
}
