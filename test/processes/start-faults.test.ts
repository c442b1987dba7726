import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { migrationList } from '../../migrations/index.ts'
import { entities } from '../../src/entities.ts'
import { openDatabase } from '../../src/open-deps.ts'
import { type Config, loadConfig } from '../../src/platform/config.ts'
import { dataDirectoryFault } from '../../src/platform/data-directory.ts'
import { Database } from '../../src/platform/database.ts'
import { OperatorError } from '../../src/platform/errors.ts'
import { createPlace, currentBackend, logger, postgresUrl, type TestPlace } from '../support/backend.ts'
import { describeUnless } from '../support/describe-unless.ts'
import { notOnPath } from '../support/on-path.ts'
import { freePort, runScript, SECRET_KEY } from '../support/process.ts'
import { testConfig } from '../support/server.ts'

/** How a start up to the schema ends: an exit code and a sentence for operators. */
async function faultOf(config: () => Config): Promise<{ code: number; message: string }> {
  try {
    const database = await openDatabase(config(), logger)
    await database.close()
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error
    expect(error.message).not.toContain('\n')
    return { code: error.exitCode, message: error.message }
  }
  throw new Error('It started')
}

describe('DATA_DIR', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sentinel-pass-test-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it.each([
    ['a file', 'file'],
    ['below a file', 'file/data'],
  ])('that is %s is refused with what to do', async (_what, name) => {
    writeFileSync(join(folder, 'file'), '')
    const DATA_DIR = join(folder, name)
    for (const env of [{ DATA_DIR }, { DATA_DIR, SECRET_KEY }]) {
      const { code, message } = await faultOf(() => loadConfig(env))
      expect(code).toBe(78)
      expect(message).toContain(
        `DATA_DIR ${DATA_DIR} is no folder, or below a file: set DATA_DIR to a folder. (`,
      )
    }
  })

  it('with something else where its database is to be is refused with what to do', async () => {
    writeFileSync(join(folder, 'postgresql'), '')
    const config = () => loadConfig({ DATA_DIR: folder, SECRET_KEY })
    expect(await faultOf(config)).toMatchObject({
      code: 78,
      message: expect.stringContaining('is no folder'),
    })
    await rm(join(folder, 'postgresql'))
    mkdirSync(join(folder, 'postgresql'))
    writeFileSync(join(folder, 'postgresql', 'PG_VERSION'), '9\n')
    const { code, message } = await faultOf(config)
    expect([code, message]).toEqual([
      78,
      expect.stringContaining(`in DATA_DIR ${folder} cannot be opened: it is damaged`),
    ])
  })

  it.each([
    ['EACCES', 78, /may not be used by the user .*: give it to that user/],
    ['EROFS', 78, /its file system is read-only: mount it writable/],
    ['ENOSPC', 75, /has no room left: make some/],
    ['EIO', 78, /cannot be used\. \(what happened\)$/],
  ])('that cannot be used for %s is told so', (code, exitCode, message) => {
    const fault = dataDirectoryFault('/data', Object.assign(new Error('what happened'), { code }))
    expect([fault.exitCode, fault.message]).toEqual([exitCode, expect.stringMatching(message)])
  })
})

const notRoot = process.getuid?.() === 0 ? notOnPath('unshare') : 'Only root may mount a file system'

describeUnless(notRoot, 'a DATA_DIR on a file system that is read-only', () => {
  it('ends a start with 78 and what to do', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sentinel-pass-test-'))
    const env = { DATA_DIR: folder, PORT: String(await freePort()) }
    const mounted = 'mount -t tmpfs -o ro none "$DATA_DIR" && exec "$0" src/main.ts'
    const launcher = ['unshare', '--mount', 'sh', '-c', mounted, process.execPath] as const
    const { code, stdout, stderr } = await runScript([], env, launcher)
    expect([code, stdout]).toEqual([78, ''])
    expect(stderr).toMatch(/^DATA_DIR \S+ cannot be written to, since its file system is read-only: .*\n$/)
    await rm(folder, { recursive: true })
  })
})

describe('a database of a newer version', () => {
  let place: TestPlace
  beforeEach(async () => {
    place = await createPlace()
  })
  afterEach(() => place.remove())

  it('is refused to an older server, and is none the worse', async () => {
    const run = async (statement: string) => {
      const database = await Database.open(place.location, entities, logger)
      await database.query(statement)
      await database.close()
    }
    const config = () => testConfig(place, 3000)
    await run("insert into migrations (name, executed_at) values ('Migration20991231000000_later', now())")
    expect(await faultOf(config)).toEqual({
      code: 78,
      message: expect.stringMatching(
        /newer version .* does not know Migration20991231000000_later\. Start the version/,
      ),
    })
    await run("delete from migrations where name like '%later'")
    const database = await openDatabase(config(), logger)
    expect(await database.query('select 1 from migrations')).toHaveLength(migrationList.length)
    await database.close()
  })
})

const embedded = currentBackend() === 'pglite' ? 'The embedded database has one user' : undefined

describeUnless(embedded, 'a schema that cannot be made', () => {
  const name = `sentinel_pass_test_${process.pid}_${crypto.randomUUID().slice(0, 8)}`
  const url = (user: string) => {
    const address = new URL(postgresUrl())
    return Object.assign(address, { username: user, password: 'proved', pathname: `/${name}` }).href
  }

  beforeAll(async () => {
    await administer(`create role ${name} login password 'proved'`)
    await administer(`create database ${name}`)
  })
  afterAll(async () => {
    await administer(`drop database if exists ${name} with (force)`)
    await administer(`drop role if exists ${name}`)
  })

  it('for want of the right to is refused with 78 and the right to grant', async () => {
    const { code, message } = await faultOf(() => loadConfig({ DATABASE_URL: url(name), SECRET_KEY }))
    expect(code).toBe(78)
    expect(message).toMatch(
      /may not\. Grant it CREATE on the schema .*permission denied for schema public\)$/,
    )
    expect(message).not.toContain('proved')
  })

  it('for tables of something else is refused with 78, and leaves those as they were', async () => {
    await administer('create table users (id int)', name)
    const own = new URL(postgresUrl())
    own.pathname = `/${name}`
    const { code, message } = await faultOf(() => loadConfig({ DATABASE_URL: own.href, SECRET_KEY }))
    expect(code).toBe(78)
    expect(message).toMatch(/there are tables of something else\. .*"users" already exists\)$/)
    expect(await administer('select to_regclass($1) as passes', name, ['passes'])).toEqual([{ passes: null }])
  })
})

async function administer(statement: string, database?: string, values: string[] = []): Promise<object[]> {
  const address = new URL(postgresUrl())
  if (database !== undefined) address.pathname = `/${database}`
  const client = new pg.Client({ connectionString: address.href })
  await client.connect()
  try {
    return (await client.query(statement, values)).rows
  } finally {
    await client.end()
  }
}
