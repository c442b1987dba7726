import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EntitySchema, LoggerOptions } from '@mikro-orm/core'
import { Migrator, TSMigrationGenerator } from '@mikro-orm/migrations'
import { MikroORM as PgliteOrm } from '@mikro-orm/pglite'
import { MikroORM as PostgresOrm } from '@mikro-orm/postgresql'
import { CompiledQuery, PostgresDialect, type Transaction } from 'kysely'
import { escapeIdentifier } from 'pg'
import { migrationList } from '../../migrations/index.ts'
import { dataDirectoryFault } from './data-directory.ts'
import { lockDataDirectory } from './data-directory-lock.ts'
import { isTimedOut, Unusable } from './database-faults.ts'
import { createCluster, keepUsualParsers, START_PARAMETERS } from './embedded-cluster.ts'
import { EX_CONFIG, EX_TEMPFAIL, OperatorError, ReadTooLong } from './errors.ts'
import type { Logger } from './logger.ts'
import { poolSizes } from './pool-sizes.ts'
import { type PostgresLocation, parsePostgresUrl, shownLocation } from './postgresql-location.ts'
import type { PostgresPool } from './postgresql-pool.ts'
import { type PoolState, PostgresPools } from './postgresql-pools.ts'
import { refuseNewerSchema, schemaFault } from './schema-faults.ts'
import { StatementTracer, tracedStatement } from './statement-tracing.ts'
import { Turns } from './turns.ts'

/** After so long without an answer PostgreSQL is gone: it has given up the statement itself before. */
const ANSWER_TIMEOUT_MS = 30_000
const CONNECTIONS = 10
const KNOWN_MIGRATIONS = migrationList.map(({ name }) => name)
const MIGRATION_LOCK = 7_265_013
const MIGRATIONS_FOLDER = join(import.meta.dirname, '..', '..', 'migrations')

/** Where the data lives: a folder of this process's own, or a PostgreSQL that it shares. */
export type DatabaseLocation = { readonly dataDir: string } | { readonly url: string }

/** What is used of a PostgreSQL. */
export interface DatabaseLimits {
  /** How long it may be silent where somebody waits for it, in milliseconds. */
  readonly answerTimeoutMs?: number | undefined
  /** How many connections this process has at most. */
  readonly connections?: number | undefined
}

/** The embedded database has one connection, which is never given back. */
const SINGLE_CONNECTION: PoolState = { totalCount: 1, idleCount: 0, waitingCount: 0 }

type Orm = PgliteOrm | PostgresOrm
export type EntityManager = ReturnType<Orm['em']['fork']>

/**
 * The instant that a statement's `timestamptz` column holds; MikroORM has the drivers leave those as text.
 * @param text PostgreSQL's own form, such as `2030-01-31 00:00:00.5+00`
 */
export function instantOf(text: string): Date {
  return new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'))
}

/** The database behind the stores: entities through MikroORM, statements of the hot path with bound parameters. */
export class Database {
  readonly kind: 'pglite' | 'postgresql'
  readonly orm: Orm
  readonly #release: () => void
  readonly #pools: PostgresPools | undefined
  /** Of costly reads where there is one connection. */
  readonly #turns = new Turns()
  #closed = false

  private constructor(
    kind: 'pglite' | 'postgresql',
    orm: Orm,
    pools: PostgresPools | undefined,
    release: () => void,
  ) {
    this.kind = kind
    this.#pools = pools
    this.orm = orm
    this.#release = release
  }

  /**
   * Opens the database without touching its schema.
   * @throws OperatorError: exit code 78 for an address that cannot be used, 75 when the folder is taken or the server does not answer
   */
  static async open(
    location: DatabaseLocation,
    entities: readonly EntitySchema[],
    logger: Logger,
    { answerTimeoutMs = ANSWER_TIMEOUT_MS, connections = CONNECTIONS }: DatabaseLimits = {},
  ): Promise<Database> {
    const options = {
      entities: [...entities],
      extensions: [Migrator],
      forceUtcTimezone: true,
      logger: (message: string) => logger.debug({ source: 'mikro-orm' }, message),
      loggerFactory: (settings: LoggerOptions) => new StatementTracer(settings),
      migrations: {
        path: MIGRATIONS_FOLDER,
        pathTs: MIGRATIONS_FOLDER,
        tableName: 'migrations',
        snapshotName: '.snapshot',
        // A start writes nothing where the program lies, which may be read-only; `migration:create` does.
        snapshotOnMigrate: false,
        emit: 'ts' as const,
        generator: TSMigrationGenerator,
        migrationsList: migrationList,
        transactional: true,
        silent: true,
      },
    }
    if ('dataDir' in location) {
      const release = lockDataDirectory(location.dataDir)
      try {
        const folder = await clusterIn(location.dataDir)
        const driverOptions = { startParams: START_PARAMETERS }
        const orm = await PgliteOrm.init({ ...options, dbName: folder, driverOptions })
        keepUsualParsers(await orm.em.getConnection().getNativeClient())
        return new Database('pglite', orm, undefined, release)
      } catch (error) {
        release()
        throw error instanceof OperatorError ? error : embeddedFault(location.dataDir, error)
      }
    }
    const postgres = parsePostgresUrl(location.url)
    if ('fault' in postgres) throw new OperatorError(`DATABASE_URL ${postgres.fault}`, EX_CONFIG)
    const pools = new PostgresPools(postgres, poolSizes(connections), logger, answerTimeoutMs)
    try {
      await pools.fill()
      const orm = await PostgresOrm.init({
        ...options,
        dbName: postgres.database,
        schema: await schemaOf(pools.requests, postgres),
        // A name that does not exist is a typing error, not a wish for an empty database.
        ensureDatabase: false,
        driverOptions: new PostgresDialect({ pool: pools.requests }),
      })
      await orm.connect()
      return new Database('postgresql', orm, pools, () => {})
    } catch (error) {
      await pools.close()
      if (error instanceof OperatorError) throw error
      const reason = error instanceof Error ? error.message : String(error)
      throw new OperatorError(
        `PostgreSQL at ${shownLocation(postgres)} (DATABASE_URL) cannot be used: ${reason}`,
        EX_TEMPFAIL,
      )
    }
  }

  /**
   * Opens the database and brings its schema up to date; it does not stay open when that fails.
   * @throws OperatorError as `open`, and where the schema may not be changed or is of a newer version
   */
  static async openMigrated(...parameters: Parameters<typeof Database.open>): Promise<Database> {
    const database = await Database.open(...parameters)
    try {
      await database.migrate()
      return database
    } catch (error) {
      await database.close()
      throw schemaFault(error) ?? error
    }
  }

  /** Connections that there are and that are free, and requests that wait for one. */
  get pool(): PoolState {
    return this.#pools?.state ?? SINGLE_CONNECTION
  }

  /** How many costly reads there may be at once: as many as there are connections for them. */
  get readsAtOnce(): number {
    return this.#pools?.sizes.reads ?? 1
  }

  /** A unit of work of its own: nothing that another request loaded is in it. */
  em(): EntityManager {
    return this.orm.em.fork()
  }

  /** Runs one statement with `$1 …` bound parameters, outside any transaction. */
  async query<Row>(statement: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    // MikroORM would open the database again, and the folder's lock is another's by then.
    if (this.#closed) throw new Error('The database is closed')
    const result = await tracedStatement(statement, () =>
      this.orm.em.getKysely().executeQuery<Row>(CompiledQuery.raw(statement, [...parameters])),
    )
    return result.rows
  }

  /**
   * The same for a statement of many parts that runs often: PostgreSQL plans it once a connection, which can take it
   * five times as long as to run it.
   * @param name of the statement, its own
   */
  async queryPrepared<Row>(name: string, statement: string, parameters: readonly unknown[]): Promise<Row[]> {
    const pools = this.#pools
    if (!pools || this.#closed) return this.query(statement, parameters)
    return tracedStatement(statement, () => pools.named<Row>(pools.requests, name, statement, parameters))
  }

  /**
   * The same for what is put on record, which is a transaction of its own: it has connections that nothing else takes.
   * @param name of the statement, its own
   */
  async commit<Row>(name: string, statement: string, parameters: readonly unknown[]): Promise<Row[]> {
    const pools = this.#pools
    if (!pools || this.#closed) return this.query(statement, parameters)
    return tracedStatement(statement, () => pools.named<Row>(pools.commits, name, statement, parameters))
  }

  /**
   * The same for a read whose cost its caller chooses: it has few connections, shared with others of its kind, and less time.
   * The embedded database runs it between the statements of others, and cannot end it: there it has to be short.
   * @throws ReadTooLong when that is over
   */
  async read<Row>(statement: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const pools = this.#pools
    if (!pools || this.#closed) return this.#turns.take(() => this.query<Row>(statement, parameters))
    try {
      return await tracedStatement(statement, () => pools.read<Row>(statement, parameters))
    } catch (error) {
      throw isTimedOut(error) ? new ReadTooLong(pools.readTimeoutMs, error) : error
    }
  }

  /**
   * Deletes rows whose time is over, past those that somebody else has in hand.
   * @param column the instant by which a row is over
   * @returns how many, at most `limit`
   */
  async deletePast(table: string, column: string, instant: Date, limit: number): Promise<number> {
    // By the physical place: a table needs no key of one column for it, and the lock keeps a row where it is.
    const rows = await this.query(
      `delete from ${table} where ctid = any(array(
         select ctid from ${table} where ${column} <= $1::timestamptz order by ${column} limit $2 for update skip locked))
       returning 1`,
      [instant.toISOString(), limit],
    )
    return rows.length
  }

  /**
   * Replaces values of a `bytea` column, each only as it was read: several nodes can do it at once, and a change that
   * comes in between stays.
   * @param key the table's primary key
   * @param replacement of a value; undefined: it stays
   */
  async replaceBytes(
    table: string,
    key: string,
    column: string,
    replacement: (value: Uint8Array) => Buffer | undefined,
  ): Promise<void> {
    const rows = await this.query<{ key: unknown; value: Uint8Array }>(
      `select ${key} as key, ${column} as value from ${table} where ${column} is not null`,
    )
    for (const row of rows) {
      const value = replacement(row.value)
      if (value)
        await this.query(`update ${table} set ${column} = $3 where ${key} = $1 and ${column} = $2`, [
          row.key,
          row.value,
          value,
        ])
    }
  }

  /** Brings the schema up to date; of several nodes that start at once, one does and the others wait. */
  async migrate(): Promise<void> {
    // The embedded database has one connection, which the migrator needs, and one process, by the folder's lock.
    if (this.kind === 'pglite') {
      refuseNewerSchema(await migrationsRun(this.em()), KNOWN_MIGRATIONS)
      await this.orm.migrator.up()
      return
    }
    const migrating = this.em().transactional(async em => {
      await em.execute('set local statement_timeout = 0')
      await em.execute(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`)
      refuseNewerSchema(await migrationsRun(em), KNOWN_MIGRATIONS)
      const transaction: Transaction<unknown> | undefined = em.getTransactionContext()
      await this.orm.migrator.up({ transaction })
    })
    await (this.#pools?.patientlyUntil(migrating) ?? migrating)
  }

  /** The names of the migrations that have not run. */
  async pendingMigrations(): Promise<string[]> {
    const pending = await this.orm.migrator.getPending()
    return pending.map(migration => migration.name)
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.orm.close(true)
    await this.#pools?.close()
    this.#release()
  }
}

/**
 * Where the tables are: what the address names, which is made where it is missing, or the first of the role's `search_path`.
 * @throws Unusable where neither exists
 */
async function schemaOf(pool: PostgresPool, { schema }: PostgresLocation): Promise<string> {
  const current = async () =>
    (await pool.rows<{ schema: string | null }>({ text: 'select current_schema()::text as schema' }))[0]
      ?.schema
  const found = await current()
  if (found) return found
  if (schema === undefined)
    throw new Unusable(
      "the role's search_path names no schema that exists and that it may use: make one, or name one (?schema=NAME)",
      EX_CONFIG,
    )
  // Of several nodes that start at once one makes it.
  await pool.rows({ text: `create schema if not exists ${escapeIdentifier(schema)}` }).catch(async error => {
    if (!(await current())) throw error
  })
  return schema
}

/** The names of the migrations that a database has seen; none where it is empty. */
async function migrationsRun(em: EntityManager): Promise<string[]> {
  const [found]: { there: boolean }[] = await em.execute(
    "select to_regclass('migrations') is not null as there",
  )
  if (!found?.there) return []
  const rows: { name: string }[] = await em.execute('select name from migrations order by id')
  return rows.map(({ name }) => name)
}

/** The folder of the cluster, which is made where there is none. */
async function clusterIn(dataDir: string): Promise<string> {
  const folder = join(dataDir, 'postgresql')
  if (!existsSync(folder)) await createCluster(folder)
  // Throws ENOTDIR where it is a file.
  readdirSync(folder)
  return folder
}

function embeddedFault(dataDir: string, error: unknown): OperatorError {
  if (error instanceof Error && 'code' in error) return dataDirectoryFault(dataDir, error)
  const reason = error instanceof Error ? error.message : String(error)
  return new OperatorError(
    `The database in DATA_DIR ${dataDir} cannot be opened: it is damaged, or of another version of PGlite. Restore a backup of the whole folder, or set DATA_DIR to another one. (${reason})`,
    EX_CONFIG,
  )
}
