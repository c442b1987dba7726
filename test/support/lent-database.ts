import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { entities } from '../../src/entities.ts'
import { Database } from '../../src/platform/database.ts'
import { copyTemplate, logger, NO_REDIS, type TestPlace, templateName } from './backend.ts'

/** An embedded database of this worker, and what its schema was when it was made. */
interface Kept {
  readonly place: TestPlace
  readonly database: Database
  readonly schema: string
}

/** What nobody has in use. */
const idle: Kept[] = []

/** An embedded database without rows, for one server. Closing it gives it back. */
export async function lendDatabase(): Promise<{ readonly place: TestPlace; readonly database: Database }> {
  const kept = (await emptied(idle.pop())) ?? (await make())
  return { place: kept.place, database: lend(kept) }
}

/** Closes what was given back: in the one thread of `--runInBand` it would keep the process; a worker ends with its own. */
export async function closeLentDatabases(): Promise<void> {
  await Promise.all(idle.splice(0).map(({ database }) => database.close()))
}

async function make(): Promise<Kept> {
  // Beside the template, and removed with it.
  const dataDir = await mkdtemp(join(templateName(), 'lent-'))
  copyTemplate(dataDir)
  const place = { location: { dataDir }, ...NO_REDIS, remove: async () => {} }
  const database = await Database.open(place.location, entities, logger)
  return { place, database, schema: await schemaOf(database) }
}

/** The database as its server sees it: one that has closed it gets no more at it, for it is another's by then. */
function lend(kept: Kept): Database {
  const { proxy, revoke } = Proxy.revocable(kept.database, {
    get(database, name) {
      if (name === 'close') return giveBack
      const value: unknown = Reflect.get(database, name, database)
      // Private members are the database's own, not the proxy's.
      return typeof value === 'function' ? value.bind(database) : value
    },
  })
  const giveBack = async () => {
    revoke()
    idle.push(kept)
  }
  return proxy
}

/** @returns undefined where there is none, or its schema is not what it was: then it is closed */
async function emptied(kept: Kept | undefined): Promise<Kept | undefined> {
  if (!kept) return undefined
  const { database, schema } = kept
  // A schema that a test has changed can fail the statements that empty it.
  const left = await removeRows(database).then(
    () => schemaOf(database),
    () => undefined,
  )
  if (left === schema) return kept
  await database.close()
  return undefined
}

async function removeRows(database: Database): Promise<void> {
  const partitions = await database.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits
     where inhparent = 'activity'::regclass and inhrelid <> 'activity_default'::regclass`,
  )
  for (const { name } of partitions) await database.query(`drop table ${name}`)
  const tables = await database.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'migrations'`,
  )
  const counts = tables.map(({ name }) => `select '${name}' as name where exists (select 1 from ${name})`)
  const filled = await database.query<{ name: string }>(counts.join(' union all '))
  if (filled.length > 0) await database.query(`truncate ${filled.map(({ name }) => name).join(', ')} cascade`)
}

/** Stands for the migrations that have run, and for every table, column, index, constraint, function and trigger. */
async function schemaOf(database: Database): Promise<string> {
  const [row] = await database.query<{ schema: string }>(
    `select md5(concat(
       (select string_agg(name, ',' order by id) from migrations),
       (select string_agg(concat_ws(' ', c.oid, c.relname, a.attnum, a.attname, a.atttypid, a.attnotnull), ',' order by c.oid, a.attnum)
        from pg_class c left join pg_attribute a on a.attrelid = c.oid where c.relnamespace = 'public'::regnamespace),
       (select string_agg(concat_ws(' ', oid, pg_get_constraintdef(oid)), ',' order by oid) from pg_constraint
        where connamespace = 'public'::regnamespace),
       (select string_agg(concat_ws(' ', oid, proname, md5(prosrc)), ',' order by oid) from pg_proc
        where pronamespace = 'public'::regnamespace),
       (select string_agg(concat_ws(' ', t.oid, tgname, tgenabled), ',' order by t.oid) from pg_trigger t))) as schema`,
  )
  if (!row) throw new Error('PostgreSQL answered without a row')
  return row.schema
}
