import type { Database, EntityManager } from '../platform/database.ts'
import { type IdempotencyKey, IdempotencyKeyEntity } from './idempotency-key.entity.ts'

/** What tells one key from another. */
export type KeyName = Pick<IdempotencyKey, 'projectId' | 'principal' | 'key'>

/** Idempotency keys in the database. */
export class IdempotencyKeyStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** A key that has not expired. */
  async find({ projectId, principal, key }: KeyName, now: Date): Promise<IdempotencyKey | null> {
    return this.#database
      .em()
      .findOne(IdempotencyKeyEntity, { projectId, principal, key, expiresAt: { $gt: now } })
  }

  /**
   * Takes a key within a transaction. Of two that take one at once, the second waits for the first to end.
   * @returns false when somebody has it
   */
  async take(em: EntityManager, taken: IdempotencyKey, now: Date): Promise<boolean> {
    const rows = await em.execute(
      `insert into idempotency_keys as k
         (project_id, principal, key, fingerprint, made_id, sealed_answer, sealed_until, expires_at)
       values (?, ?, ?, ?, ?, ?, ?, ?)
       on conflict (project_id, principal, key) do update set
         fingerprint = excluded.fingerprint, made_id = excluded.made_id, sealed_answer = excluded.sealed_answer,
         sealed_until = excluded.sealed_until, expires_at = excluded.expires_at
       where k.expires_at <= ?
       returning key`,
      [
        taken.projectId,
        taken.principal,
        taken.key,
        taken.fingerprint,
        taken.madeId,
        taken.sealedAnswer,
        taken.sealedUntil,
        taken.expiresAt,
        now,
      ],
    )
    return rows.length > 0
  }

  /** Forgets answers whose time is over. @returns how many, at most `limit` */
  async forgetAnswers(now: Date, limit: number): Promise<number> {
    const rows = await this.#database.query(
      `update idempotency_keys set sealed_answer = null where (project_id, principal, key) in (
         select project_id, principal, key from idempotency_keys
         where sealed_answer is not null and sealed_until <= $1::timestamptz limit $2 for update skip locked)
       returning key`,
      [now.toISOString(), limit],
    )
    return rows.length
  }

  /** Deletes expired keys. @returns how many, at most `limit` */
  async deleteExpired(now: Date, limit: number): Promise<number> {
    return this.#database.deletePast('idempotency_keys', 'expires_at', now, limit)
  }
}
