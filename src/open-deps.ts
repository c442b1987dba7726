import { createDeps, type Deps } from './deps.ts'
import { entities } from './entities.ts'
import type { Clock } from './platform/clock.ts'
import type { Config } from './platform/config.ts'
import { Database } from './platform/database.ts'
import type { Logger } from './platform/logger.ts'

/** Opens the database of the settings and brings its schema up to date. */
export async function openDatabase(config: Config, logger: Logger): Promise<Database> {
  const { databaseUrl, dataDir, databasePool } = config
  const location = databaseUrl === undefined ? { dataDir } : { url: databaseUrl }
  return Database.openMigrated(location, entities, logger, { connections: databasePool })
}

/** Opens the database of the settings and constructs everything on it; nothing stays open when that fails. */
export async function openDeps(config: Config, clock: Clock, logger: Logger): Promise<Deps> {
  const database = await openDatabase(config, logger)
  try {
    return await createDeps(config, clock, logger, database)
  } catch (error) {
    await database.close()
    throw error
  }
}
