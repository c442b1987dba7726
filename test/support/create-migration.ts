import { entities } from '../../src/entities.ts'
import { Database } from '../../src/platform/database.ts'
import { createEmptyPlace, logger } from './backend.ts'

/** `npm run migration:create`: writes a migration for what the entities have and the snapshot has not. */
const place = await createEmptyPlace()
const database = await Database.open(place.location, entities, logger)
await database.migrate()
const { fileName, diff } = await database.orm.migrator.create()
process.stdout.write(
  diff.up.length === 0
    ? 'Nothing has changed.\n'
    : `${fileName} written: give it a name and list it in migrations/index.ts.\n`,
)
await database.close()
await place.remove()
