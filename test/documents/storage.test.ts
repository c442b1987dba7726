import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startServer, type TestServer } from '../support/server.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'storage.md'), 'utf8')
const chores = readFileSync(join(import.meta.dirname, '..', '..', 'src', 'retention', 'chores.ts'), 'utf8')

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** The sections of tables, by name. */
function documented(): Map<string, string> {
  const sections = page.split(/^### /m).slice(1)
  return new Map(
    sections.map(section => [/^`(\w+)`\n/.exec(section)?.[1] ?? section, section.split(/^## /m)[0] ?? '']),
  )
}

const namesIn = (text: string, form: RegExp): string[] =>
  [...new Set([...text.matchAll(/`([^`\n]+)`/g)].map(([, name = '']) => name))].filter(name =>
    form.test(name),
  )

/** Names by a statement over the `tables`, sorted; partitions are no tables of their own. */
async function named(statement: string): Promise<string[]> {
  const rows = await server.deps.database.query<{ name: string }>(
    `with tables as (
       select oid, relname from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
     ) ${statement}`,
  )
  return rows.map(({ name }) => name).sort()
}

describe('the page of what is stored', () => {
  it('has each table of the migrated database, and no other', async () => {
    expect([...documented().keys()].sort()).toEqual(await named('select relname as name from tables'))
  })

  it('has each index with its table, and no other', async () => {
    const told = [...documented()].flatMap(([table, section]) =>
      namesIn(section, /_(pkey|index|unique)$/).map(index => `${table} ${index}`),
    )
    const there = await named(
      `select relname || ' ' || i.indexrelid::regclass as name from tables join pg_index i on i.indrelid = tables.oid`,
    )
    expect(told.sort()).toEqual(there)
  })

  it('says of each column of bytes, hashes of passwords too, what it is', async () => {
    const told = namesIn(page, /^\w+\.\w+$/).filter(name => !/\.(md|ts|sql|key)$/.test(name))
    const there = await named(
      `select relname || '.' || attname as name from tables join pg_attribute on attrelid = tables.oid
       where attnum > 0 and not attisdropped and (atttypid = 'bytea'::regtype or attname ~ 'hash$' and atttypid = 'text'::regtype)`,
    )
    expect(told.sort()).toEqual(there)
  })

  it('names each chore that deletes, and each function that writes', async () => {
    const listed = [...chores.matchAll(/name: '(\w+)'/g)].map(([, name = '']) => name)
    const told = [...page.matchAll(/chore\s+`(\w+)`/g)].map(([, name = '']) => name)
    expect([...new Set(told)].sort()).toEqual(listed.sort())
    const functions = await server.deps.database.query<{ name: string }>(
      "select proname as name from pg_proc where pronamespace = 'public'::regnamespace",
    )
    for (const { name } of functions) expect(page).toContain(`\`${name}\``)
  })
})
