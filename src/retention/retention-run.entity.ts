import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** The one row that nodes take turns by: who cleans up, and when the next one may. */
export const RetentionRunEntity = defineEntity({
  name: 'RetentionRun',
  tableName: 'retention_runs',
  properties: {
    name: p.text().primary(),
    holder: p.uuid(),
    nextAt: p.datetime(3),
  },
})

export type RetentionRun = InferEntity<typeof RetentionRunEntity>
