import { entities } from '../src/entities.ts'
import { Database } from '../src/platform/database.ts'
import { createEmptyPlace, logger } from './support/backend.ts'

/** Compares a schema made from the entities with one made by the migrations, and the entities with the snapshot. */
const [fresh, migrated] = await Promise.all([schemaOf('entities'), schemaOf('migrations')])
const missing = fresh.filter(line => !migrated.includes(line))
const extra = migrated.filter(line => !fresh.includes(line))
for (const line of missing) process.stdout.write(`only in the entities:   ${line}\n`)
for (const line of extra) process.stdout.write(`only in the migrations: ${line}\n`)
process.stdout.write(`${fresh.length} columns, indexes and constraints compared\n`)
process.exitCode = missing.length + extra.length === 0 ? 0 : 1

async function schemaOf(source: 'entities' | 'migrations'): Promise<string[]> {
  const place = await createEmptyPlace()
  const database = await Database.open(place.location, entities, logger)
  try {
    if (source === 'entities') await database.orm.schema.create()
    else await database.migrate()
    if (source === 'migrations' && (await database.orm.migrator.checkSchema()))
      return ['the entities have moved on from migrations/.snapshot.json: npm run migration:create']
    const rows = await database.query<{ line: string }>(
      // Partitions follow from their table, which has its indexes "on only" itself.
      `with tables as (
         select oid, relname from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
           and relname <> 'migrations'
       )
       select format('%s.%s %s %s %s', table_name, column_name, udt_name, is_nullable, coalesce(column_default, '')) as line
       from information_schema.columns c join tables t on t.relname = c.table_name where table_schema = 'public'
       union all
       select replace(indexdef, ' ON ONLY ', ' ON ') from pg_indexes i join tables t on t.relname = i.tablename
       where schemaname = 'public'
       union all
       select format('%s %s %s', t.relname, conname, pg_get_constraintdef(c.oid))
       from pg_constraint c join tables t on t.oid = c.conrelid where contype <> 'n'
       order by 1`,
    )
    return rows.map(row => row.line)
  } finally {
    await database.close()
    await place.remove()
  }
}
