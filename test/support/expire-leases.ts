import { entities } from '../../src/entities.ts'
import { Database } from '../../src/platform/database.ts'
import { logger, type TestPlace } from './backend.ts'

/** As if the time had gone by after which a node is taken for dead; the embedded database knows it at the next start. */
export async function expireLeases({ location }: TestPlace): Promise<void> {
  if ('dataDir' in location) return
  const database = await Database.open(location, entities, logger)
  await database.query("update nodes set leased_until = now() - interval '1 second'")
  await database.close()
}
