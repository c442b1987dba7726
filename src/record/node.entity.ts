import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** A number that one server process holds while it lives, so that no two write the same rollup rows. */
export const NodeEntity = defineEntity({
  name: 'Node',
  tableName: 'nodes',
  properties: {
    id: p.smallint().autoincrement(false).primary(),
    holder: p.uuid(),
    leasedUntil: p.datetime(3),
    /** The last batch that is in the sums. */
    mark: p.bigint('number').default(0),
    /** Rows of later batches ended after this, or less than a minute before. */
    markedAt: p.datetime(3).nullable(),
    /** Whether nothing is behind the mark, as it was given back. */
    settled: p.boolean().default(true),
  },
})

export type Node = InferEntity<typeof NodeEntity>
