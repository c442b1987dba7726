import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** A number that one server process holds while it lives, so that no two write the same rollup rows. */
export const NodeEntity = defineEntity({
  name: 'Node',
  tableName: 'nodes',
  properties: {
    id: p.smallint().autoincrement(false).primary(),
    holder: p.uuid(),
    leasedUntil: p.datetime(3),
  },
})

export type Node = InferEntity<typeof NodeEntity>
