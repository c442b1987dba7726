import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { PGlite, types } from '@electric-sql/pglite'
import { dataDir as emptyCluster } from '@electric-sql/pglite-prepopulatedfs'

/**
 * How PGlite starts its PostgreSQL. It clears the shared buffers at every start, and what leaves them is still in
 * the operating system's cache: 128 MB, the default, cost each start 0.2 s and all of that memory.
 */
export const START_PARAMETERS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB']

/** The array types that statements answer with, by their element: of PostgreSQL's own types, each of these has one. */
const READ_ARRAYS: ReadonlySet<string> = new Set(
  Object.values({
    ...{
      bool: 1000,
      bytea: 1001,
      int2: 1005,
      int4: 1007,
      int8: 1016,
      float4: 1021,
      float8: 1022,
      numeric: 1231,
    },
    ...{ text: 1009, varchar: 1015, uuid: 2951, json: 199, jsonb: 3807 },
    ...{ date: 1182, timestamp: 1115, timestamptz: 1185, interval: 1187 },
  }).map(String),
)

/**
 * Has PGlite parse the arrays of the usual types alone; others are answered as PostgreSQL's text. It knows 300 kinds of
 * them, and copies the table of its parsers for each statement: that took half of the time of a small one.
 */
export function keepUsualParsers(client: PGlite): void {
  const usual = new Set([...Object.keys(types.parsers), ...READ_ARRAYS])
  client.parsers = Object.fromEntries(Object.entries(client.parsers).filter(([type]) => usual.has(type)))
}

/**
 * Lays out an empty PostgreSQL cluster for PGlite from the archive that its makers build: running `initdb` in
 * WebAssembly would take about twice as long.
 *
 * It is unpacked beside its place and then moved there whole: a start that is killed leaves none half made.
 */
export async function createCluster(folder: string): Promise<void> {
  const unfinished = `${folder}.new`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true, mode: 0o700 })
  const cluster = await PGlite.create({ dataDir: unfinished, loadDataDir: await emptyCluster() })
  await cluster.close()
  renameSync(unfinished, folder)
}
