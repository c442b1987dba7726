import { entities } from '../../../src/entities.ts'
import { Database } from '../../../src/platform/database.ts'
import { OperatorError } from '../../../src/platform/errors.ts'
import { logger, NO_REDIS, type TestPlace } from '../../support/backend.ts'

/** A place at an address, which is somebody else's to remove. */
export function placeAt(url: string): TestPlace {
  return { location: { url }, ...NO_REDIS, remove: async () => {} }
}

/** Starts as a server does up to where its schema is in place, and ends. */
export async function startOnce(url: string): Promise<void> {
  const database = await Database.openMigrated({ url }, entities, logger)
  await database.close()
}

/** The sentence, and the exit code, of a start that is refused. */
export async function refusalOf(url: string): Promise<OperatorError> {
  const refused = await startOnce(url).catch((error: unknown) => error)
  if (refused instanceof OperatorError) return refused
  throw new Error(`not refused: ${refused}`)
}
