import { defineEntity, type InferEntity, p } from '@mikro-orm/core'

/** What is written to see whether anything can be: each row fills a page, and what is written is there until the next time. */
export const WriteProbeEntity = defineEntity({
  name: 'WriteProbe',
  tableName: 'write_probes',
  properties: {
    id: p.smallint().autoincrement(false).primary(),
    padding: p.text(),
  },
})

export type WriteProbe = InferEntity<typeof WriteProbeEntity>
