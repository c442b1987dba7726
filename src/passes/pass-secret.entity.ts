import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import { PassEntity } from './pass.entity.ts'

/** One secret of a pass: an argon2id hash and a keyed digest. Two live at once during a graceful rotation. */
export const PassSecretEntity = defineEntity({
  name: 'PassSecret',
  tableName: 'pass_secrets',
  properties: {
    id: p.uuid().primary(),
    pass: p.manyToOne(PassEntity).deleteRule('cascade').index(),
    digest: p.blob(),
    hash: p.text(),
    createdAt: p.datetime(3),
    /** null: the current one; otherwise the end of its grace period. */
    expiresAt: p.datetime(3).nullable(),
  },
})

export type PassSecret = InferEntity<typeof PassSecretEntity>

/** Whether a secret is good at this time. @param now milliseconds since the epoch */
export function isLive({ expiresAt }: Pick<PassSecret, 'expiresAt'>, now: number): boolean {
  return !expiresAt || expiresAt.getTime() > now
}
