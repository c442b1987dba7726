import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { dataDirectoryFault, makeDataDirectory } from './data-directory.ts'
import { EX_TEMPFAIL, OperatorError } from './errors.ts'

/**
 * Takes the folder of the embedded database for this process alone: two processes on one PGlite folder destroy it.
 *
 * An open exclusive transaction on a small SQLite file is used for its lock, which is the operating system's:
 * it goes with the process however that ends, so there is no stale one to recognize, and it holds across
 * containers that share the folder. A file with a process id in it can do neither.
 *
 * @returns a function that gives the folder back
 * @throws OperatorError (exit code 75) when another process has it, or (78) when there can be no such folder
 */
export function lockDataDirectory(dataDir: string): () => void {
  const lock = openLock(dataDir)
  try {
    lock.exec('pragma journal_mode = memory; begin exclusive')
  } catch (error) {
    lock.close()
    throw new OperatorError(
      `${dataDir} is in use by another Sentinel Pass. Stop that one first, give this one a DATA_DIR of its own, ` +
        `or run both on one PostgreSQL with DATABASE_URL. (${error instanceof Error ? error.message : error})`,
      EX_TEMPFAIL,
    )
  }
  return () => lock.close()
}

function openLock(dataDir: string): DatabaseSync {
  makeDataDirectory(dataDir)
  const file = join(dataDir, 'lock')
  try {
    // SQLite says of none of these what it is.
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
    if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK)
    return new DatabaseSync(file)
  } catch (error) {
    throw dataDirectoryFault(dataDir, error)
  }
}
