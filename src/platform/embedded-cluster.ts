import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { PGlite, types } from '@electric-sql/pglite'
import { dataDir as emptyCluster } from '@electric-sql/pglite-prepopulatedfs'

/**
 * How PGlite starts its PostgreSQL. It clears the shared buffers at every start, and what leaves them is still in
 * the operating system's cache: 128 MB, the default, cost each start 0.2 s and all of that memory.
 */
export const START_PARAMETERS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB']

/** The array types that statements answer with, as PostgreSQL numbers its own types in every version. */
const READ_ARRAYS = [
  // bool, bytea, int2, int4, int8, float4, float8, numeric
  ...[1000, 1001, 1005, 1007, 1016, 1021, 1022, 1231],
  // text, varchar, uuid, json, jsonb
  ...[1009, 1015, 2951, 199, 3807],
  // date, timestamp, timestamptz, interval
  ...[1182, 1115, 1185, 1187],
]

/**
 * Has PGlite parse the arrays of the usual types alone; others are answered as PostgreSQL's text. It knows 300 kinds of
 * them, and copies the table of its parsers for each statement: that took a third of the time of a small one.
 */
export function keepUsualParsers(client: PGlite): void {
  const usual = new Set([...Object.keys(types.parsers), ...READ_ARRAYS.map(String)])
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
