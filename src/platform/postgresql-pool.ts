import { Pool, type PoolClient, type PoolConfig, type QueryConfig } from 'pg'
import { isRefusedForNumber } from './database-faults.ts'

/** So long a pool that was refused a further connection makes do with those that it has. */
const CONTENT_FOR_MS = 5_000

type Connected = (error: Error | undefined, client: PoolClient | undefined, done: () => void) => void

/**
 * Connections to PostgreSQL of one purpose. Where the server has none left to give, those that there are do: who asked waits
 * for one of them, as where the pool is full.
 */
export class PostgresPool extends Pool {
  readonly #size: number
  #content: NodeJS.Timeout | undefined

  /** @param config `max`: how many there are at most; `min`: how many stay when nobody needs them */
  constructor(config: PoolConfig & { readonly max: number }) {
    super(config)
    this.#size = config.max
  }

  override connect(): Promise<PoolClient>
  override connect(callback: Connected): void
  override connect(callback?: Connected): Promise<PoolClient> | undefined {
    if (!callback)
      return new Promise((resolve, reject) => {
        this.connect((error, client) => (client ? resolve(client) : reject(error)))
      })
    super.connect((error, client, done) => {
      if (!isRefusedForNumber(error) || this.totalCount === 0) return callback(error, client, done)
      this.#beContent()
      this.connect(callback)
    })
    return undefined
  }

  /** Opens the connections that are always there. @throws what `pg` throws where the server cannot be used */
  async fill(): Promise<void> {
    const { min = 0 } = this.options
    const clients = await Promise.allSettled(Array.from({ length: Math.max(1, min) }, () => this.connect()))
    for (const client of clients) if (client.status === 'fulfilled') client.value.release()
    for (const client of clients) if (client.status === 'rejected') throw client.reason
  }

  /** The rows of one statement, outside any transaction; one with a name is planned once a connection. */
  async rows<Row>(statement: QueryConfig<unknown[]>): Promise<Row[]> {
    const { rows } = await this.query(statement)
    return rows
  }

  override end(): Promise<void>
  override end(callback: () => void): void
  override end(callback?: () => void): Promise<void> | undefined {
    clearTimeout(this.#content)
    if (!callback) return super.end()
    super.end(callback)
    return undefined
  }

  #beContent(): void {
    this.options.max = this.totalCount
    clearTimeout(this.#content)
    this.#content = setTimeout(() => {
      this.options.max = this.#size
    }, CONTENT_FOR_MS).unref()
  }
}
