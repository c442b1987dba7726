import { createPostgreSqlTypeParsers } from '@mikro-orm/sql'
import { type Client, TypeOverrides } from 'pg'
import type { Logger } from './logger.ts'
import { careForConnections } from './pool-care.ts'
import type { PoolSizes } from './pool-sizes.ts'
import type { PostgresLocation } from './postgresql-location.ts'
import { PostgresPool } from './postgresql-pool.ts'
import { prepareSession } from './postgresql-session.ts'
import { PostgresWays } from './postgresql-ways.ts'

/** Longest wait for a connection, at the start and later; several hosts share it. */
const CONNECT_TIMEOUT_MS = 10_000
const KEEP_ALIVE_AFTER_MS = 10_000
/** PostgreSQL gives up a statement after this share of the time in which it may be silent, and so before it is given up on. */
const STATEMENT_SHARE = 0.8
/** The same of a costly read, which nobody may have to wait for as long. */
const READ_SHARE = 0.33
const TEXT_ARRAY = 1009

/** The connections of `pg`, as it counts them. */
export interface PoolState {
  readonly totalCount: number
  readonly idleCount: number
  readonly waitingCount: number
}

/** The connections of a process to PostgreSQL, by what they are for: what is costly keeps none from what has to be quick. */
export class PostgresPools {
  readonly commits: PostgresPool
  readonly reads: PostgresPool
  readonly requests: PostgresPool
  readonly sizes: PoolSizes
  /** How long a costly read may take, in milliseconds. */
  readonly readTimeoutMs: number
  #patient = false
  #pooled = false

  /**
   * @param answerTimeoutMs how long PostgreSQL may be silent where somebody waits for it
   * @throws OperatorError (exit code 78) when a file that the location names cannot be read
   */
  constructor(location: PostgresLocation, sizes: PoolSizes, logger: Logger, answerTimeoutMs: number) {
    const statementTimeoutMs = Math.floor(answerTimeoutMs * STATEMENT_SHARE)
    this.sizes = sizes
    this.readTimeoutMs = Math.floor(answerTimeoutMs * READ_SHARE)
    const ways = new PostgresWays(location)
    const hostTimeoutMs = location.connectTimeoutMs ?? Math.floor(CONNECT_TIMEOUT_MS / location.hosts.length)
    const open = (max: number, min: number, timeoutMs: number, silent: () => boolean) => {
      const config = {
        ...sessionOf(location),
        max,
        min,
        types: plainTypes(),
        connectionTimeoutMillis: Math.max(CONNECT_TIMEOUT_MS, hostTimeoutMs),
        keepAlive: true,
        keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
        hostTimeoutMs,
        prepare: async (client: Client) => {
          this.#pooled = await prepareSession(client, { ...location, statementTimeoutMs: timeoutMs })
        },
      }
      const pool = new PostgresPool(config, ways)
      outliveLosses(pool, logger)
      careForConnections(pool, answerTimeoutMs, silent)
      return pool
    }
    const never = () => false
    this.commits = open(sizes.commits, sizes.commits, statementTimeoutMs, never)
    this.reads = open(sizes.reads, 1, this.readTimeoutMs, never)
    this.requests = open(sizes.requests, 1, statementTimeoutMs, () => this.#patient)
  }

  /** Opens the connections that are always there: later the server may have none left to give. */
  async fill(): Promise<void> {
    for (const pool of this.#all) await pool.fill()
  }

  /**
   * Runs a statement that is planned once a connection; where a pooler is between, each time: it knows no other's names.
   * @param name of the statement, its own
   */
  named<Row>(pool: PostgresPool, name: string, text: string, values: readonly unknown[]): Promise<Row[]> {
    return pool.rows<Row>({ ...(this.#pooled ? {} : { name }), text, values: [...values] })
  }

  /** Runs a costly read, which ends after `readTimeoutMs`. */
  async read<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    const statement = { text, values: [...values] }
    return this.#pooled
      ? this.reads.rowsWithin<Row>(statement, this.readTimeoutMs)
      : this.reads.rows<Row>(statement)
  }

  /** Waits for statements of `requests` that take as long as they take: PostgreSQL may be silent meanwhile. */
  async patientlyUntil<Result>(done: Promise<Result>): Promise<Result> {
    this.#patient = true
    try {
      return await done
    } finally {
      this.#patient = false
    }
  }

  /** Connections that there are and that are free, and who waits for one: not those reads that wait for each other. */
  get state(): PoolState {
    const sum = (count: keyof PoolState, pools: readonly PoolState[]) =>
      pools.reduce((total, pool) => total + pool[count], 0)
    return {
      totalCount: sum('totalCount', this.#all),
      idleCount: sum('idleCount', this.#all),
      waitingCount: sum('waitingCount', [this.commits, this.requests]),
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map(pool => (pool.ending ? undefined : pool.end())))
  }

  get #all(): readonly PostgresPool[] {
    return [this.requests, this.commits, this.reads]
  }
}

function sessionOf({ user, password, database, options, applicationName, channelBinding }: PostgresLocation) {
  return {
    database,
    application_name: applicationName ?? 'sentinel-pass',
    enableChannelBinding: channelBinding,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(options === undefined ? {} : { options }),
  }
}

/** What `pg` tells of a lost connection ends the process where nobody listens; whoever was using it is told by its statement. */
function outliveLosses(pool: PostgresPool, logger: Logger): void {
  const tell = (error: Error) =>
    logger.debug({ reason: error.message }, 'a connection to PostgreSQL was lost')
  pool.on('connect', client => client.on('error', tell))
  pool.on('error', tell)
}

/** Times as PostgreSQL writes them, which is how MikroORM reads them. */
function plainTypes(): TypeOverrides {
  const overrides = new TypeOverrides()
  const texts = overrides.getTypeParser(TEXT_ARRAY)
  // The types of `pg` have parsers take a number.
  const parsers = createPostgreSqlTypeParsers(value => Reflect.apply(texts, undefined, [value]))
  for (const [type, parse] of Object.entries(parsers)) overrides.setTypeParser(Number(type), parse)
  return overrides
}
