import {
  Client,
  type ClientConfig,
  type DatabaseError,
  Pool,
  type PoolClient,
  type PoolConfig,
  type QueryConfig,
} from 'pg'
import { endsSession, isClosedToWrites, isRefusedForNumber, Unusable } from './database-faults.ts'
import { EX_TEMPFAIL } from './errors.ts'
import type { PostgresWay, PostgresWays } from './postgresql-ways.ts'

/** So long a pool that was refused a further connection makes do with those that it has. */
const CONTENT_FOR_MS = 5_000

type ClientConnected = ((error: Error) => void) | ((error: null, client: Client) => void)
type Connected = (error: Error | undefined, client: PoolClient | undefined, done: () => void) => void

/** How a pool of connections is set up: `max`, how many there are at most; `min`, how many stay when nobody needs them. */
export interface PostgresPoolConfig extends PoolConfig {
  readonly max: number
  /** Longest wait for one host, in milliseconds. */
  readonly hostTimeoutMs: number
  /** Sets a new connection up. @throws what has the next way tried */
  readonly prepare: (client: Client) => Promise<void>
}

/**
 * Connections to PostgreSQL of one purpose. Where the server has none left to give, those that there are do: who asked waits
 * for one of them, as where the pool is full.
 */
export class PostgresPool extends Pool {
  readonly #size: number
  readonly #ways: PostgresWays
  #content: NodeJS.Timeout | undefined

  constructor({ hostTimeoutMs, prepare, ...config }: PostgresPoolConfig, ways: PostgresWays) {
    super({ ...config, Client: clientOf(ways, hostTimeoutMs, prepare) })
    this.#size = config.max
    this.#ways = ways
  }

  override connect(): Promise<PoolClient>
  override connect(callback: Connected): void
  override connect(callback?: Connected): Promise<PoolClient> | undefined {
    if (callback) {
      this.#connect(callback, new Set())
      return undefined
    }
    return new Promise((resolve, reject) => {
      this.connect((error, client) => (client ? resolve(client) : reject(error)))
    })
  }

  #connect(callback: Connected, tried: Set<PostgresWay>): void {
    tried.add(this.#ways.current)
    super.connect((error, client, done) => {
      if (isRefusedForNumber(error) && this.totalCount > 0) {
        this.#beContent()
        this.#connect(callback, tried)
      } else if (error && !tried.has(this.#ways.current)) this.#connect(callback, tried)
      else if (client && this.#ways.isOutdated(client)) {
        client.release(true)
        this.#connect(callback, tried)
      } else callback(error, client, done)
    })
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

  /** The same, with a time of its own: in a transaction, so that it is left to nobody where a pooler is between. */
  async rowsWithin<Row>(statement: QueryConfig<unknown[]>, milliseconds: number): Promise<Row[]> {
    const client = await this.connect()
    let fault: Error | undefined
    try {
      await client.query(
        `begin isolation level read committed read only; set local statement_timeout = ${milliseconds}`,
      )
      const { rows } = await client.query(statement)
      return rows
    } catch (error) {
      if (error instanceof Error) fault = error
      throw error
    } finally {
      const ended = await client.query('rollback').catch(() => undefined)
      client.release(ended ? undefined : (fault ?? true))
    }
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

/** Connections that go the way that is tried at the moment, and are there when they are prepared. */
function clientOf(
  ways: PostgresWays,
  hostTimeoutMs: number,
  prepare: (client: Client) => Promise<void>,
): new (
  config?: ClientConfig,
) => Client {
  return class extends Client {
    readonly #way: PostgresWay

    constructor(config?: ClientConfig) {
      const way = ways.current
      super({ ...config, ...way, connectionTimeoutMillis: hostTimeoutMs })
      this.#way = way
      ways.made(this)
      this.connection.on('errorMessage', (error: DatabaseError) => {
        if (endsSession(error.code ?? '')) this.#giveUp(error)
      })
    }

    override connect(): Promise<Client>
    override connect(callback: ClientConnected): void
    override connect(callback?: ClientConnected): Promise<Client> | undefined {
      const connected = this.#connect()
      if (!callback) return connected
      // The types of `pg` have two functions for it, of which nobody can tell which one this is.
      const tell = (error: unknown, client?: Client) => Reflect.apply(callback, undefined, [error, client])
      connected.then(client => tell(null, client), tell)
      return undefined
    }

    /** Whoever has it gets its answer, and can roll back; nobody else gets this connection, and the next one may go elsewhere. */
    #giveUp(error: DatabaseError): void {
      // Of all that were made before, one after the other would say the same.
      if (isClosedToWrites(error.code ?? '') && !ways.isOutdated(this)) ways.outdateAll()
      ways.outdate(this)
      ways.leave(this.#way, new Unusable(error.message, EX_TEMPFAIL))
    }

    async #connect(): Promise<Client> {
      try {
        await super.connect()
        await prepare(this)
        return this
      } catch (error) {
        ways.leave(this.#way, error)
        // Connected, and of no use.
        await this.end().catch(() => {})
        throw error
      }
    }
  }
}
