import { cpSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { entities } from '../../src/entities.ts'
import { Database, type DatabaseLocation } from '../../src/platform/database.ts'
import { createLogger } from '../../src/platform/logger.ts'
import { redisPlace } from './redis.ts'

/** What the server can be on: a database, and Redis beside it or not. */
export const BACKENDS = ['pglite', 'postgresql', 'postgresql+redis'] as const
export type Backend = (typeof BACKENDS)[number]

/** The backend of this run: `test/run.ts` sets it, once for each that it tests. */
export function namedBackend(): Backend {
  const named = process.env.TEST_BACKEND ?? 'pglite'
  const backend = BACKENDS.find(one => one === named)
  if (!backend) throw new Error(`TEST_BACKEND is ${named}; it can be ${BACKENDS.join(', ')}`)
  return backend
}

/** The database of this run. */
export function currentBackend(): 'pglite' | 'postgresql' {
  return namedBackend() === 'pglite' ? 'pglite' : 'postgresql'
}

/** PostgreSQL for the tests: the one that was named, or the one at the default local port. */
export function postgresUrl(): string {
  return process.env.TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres'
}

export const logger = createLogger('silent')

/** A place of its own for one test file, with the schema in place, and how to remove it. */
export interface TestPlace {
  readonly location: DatabaseLocation
  /** Further settings: of Redis, where the run is on it. */
  readonly env: Readonly<Record<string, string>>
  /** Takes all that the place has in Redis, as `FLUSHALL` does. */
  emptyRedis(): Promise<void>
  remove(): Promise<void>
}

/** What a place has of Redis where it has none. */
export const NO_REDIS = { env: {}, emptyRedis: async () => {} }

/** A migrated place made by copying the template that the global setup left behind. */
export async function createPlace(): Promise<TestPlace> {
  return withRedis(await (currentBackend() === 'pglite' ? copyFolder() : emptyDatabase(templateName())))
}

/** Has an embedded database of the folder start migrated; from nothing where the template is not an embedded one. */
export function copyTemplate(dataDir: string): void {
  if (currentBackend() !== 'pglite') return
  cpSync(join(templateName(), 'postgresql'), join(dataDir, 'postgresql'), { recursive: true })
}

/** The template database of this run; of the embedded one, its folder. */
export function templateName(): string {
  const template = process.env.TEST_TEMPLATE
  if (!template) throw new Error('The template database is missing: run the tests through jest')
  return template
}

/** An empty place. @param backend that of this run when not given */
export async function createEmptyPlace(backend = namedBackend()): Promise<TestPlace> {
  return withRedis(await (backend === 'pglite' ? emptyFolder() : emptyDatabase()), backend)
}

function withRedis(place: TestPlace, backend = namedBackend()): TestPlace {
  if (backend !== 'postgresql+redis') return place
  const redis = redisPlace()
  return {
    ...place,
    env: redis.env,
    emptyRedis: redis.flush,
    async remove() {
      await redis.remove()
      await place.remove()
    },
  }
}

/** Makes the template that `createPlace` copies. @returns its name and how to remove it */
export async function createTemplate(): Promise<{ readonly name: string; remove(): Promise<void> }> {
  const place = await createEmptyPlace()
  const database = await Database.openMigrated(place.location, entities, logger)
  await database.close()
  const name = 'dataDir' in place.location ? place.location.dataDir : databaseName(place.location.url)
  return { name, remove: place.remove }
}

async function emptyFolder(): Promise<TestPlace> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sentinel-pass-test-'))
  return { location: { dataDir }, ...NO_REDIS, remove: () => rm(dataDir, { recursive: true, force: true }) }
}

async function copyFolder(): Promise<TestPlace> {
  const place = await emptyFolder()
  if ('dataDir' in place.location) copyTemplate(place.location.dataDir)
  return place
}

async function emptyDatabase(template = 'template1'): Promise<TestPlace> {
  const name = `sentinel_pass_test_${process.pid}_${crypto.randomUUID().slice(0, 8)}`
  await administer(`create database ${name} template ${template}`)
  const url = new URL(postgresUrl())
  url.pathname = `/${name}`
  return {
    location: { url: url.href },
    ...NO_REDIS,
    remove: () => administer(`drop database if exists ${name} with (force)`),
  }
}

function databaseName(url: string): string {
  return new URL(url).pathname.slice(1)
}

async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresUrl() })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
