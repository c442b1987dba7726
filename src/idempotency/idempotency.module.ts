import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import type { SecretKeys } from '../platform/secret-keys.ts'
import { Idempotency } from './idempotency.service.ts'
import { IdempotencyKeyStore } from './idempotency-key.store.ts'

/** Requests that act once, however often they are sent. */
export function idempotencyModule({
  clock,
  database,
  keys,
}: {
  readonly clock: Clock
  readonly database: Database
  readonly keys: SecretKeys
}) {
  const store = new IdempotencyKeyStore(database)
  return { store, service: new Idempotency(store, keys, clock) }
}

export type IdempotencyModule = ReturnType<typeof idempotencyModule>
