import type { Migration } from '@mikro-orm/migrations'
import { Migration20261121000000_initial } from './Migration20261121000000_initial.ts'
import { Migration20261121000001_record_batch } from './Migration20261121000001_record_batch.ts'
import { Migration20261121092934_idempotency_and_retention } from './Migration20261121092934_idempotency_and_retention.ts'

interface NamedMigration {
  readonly name: string
  readonly class: new (...parameters: ConstructorParameters<typeof Migration>) => Migration
}

/** Every migration, oldest first. A merged one is never edited. */
export const migrationList: NamedMigration[] = [
  { name: 'Migration20261121000000_initial', class: Migration20261121000000_initial },
  { name: 'Migration20261121000001_record_batch', class: Migration20261121000001_record_batch },
  {
    name: 'Migration20261121092934_idempotency_and_retention',
    class: Migration20261121092934_idempotency_and_retention,
  },
]
