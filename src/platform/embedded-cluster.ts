import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { PGlite } from '@electric-sql/pglite'
import { dataDir as emptyCluster } from '@electric-sql/pglite-prepopulatedfs'

/**
 * How PGlite starts its PostgreSQL. It clears the shared buffers at every start, and what leaves them is still in
 * the operating system's cache: 128 MB, the default, cost each start 0.2 s and all of that memory.
 */
export const START_PARAMETERS = [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB']

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
