import type { Database } from '../platform/database.ts'
import { isLockedByOthers } from '../platform/database-faults.ts'

/** So long it is believed that what could be written can still be. */
const KEPT_MS = 1_000
/** Each row has a page of 8 KB for itself: whatever is recorded needs new ones, too. */
const ROWS = 8
const ROW_BYTES = 8_000

/**
 * Sees whether the database takes what is written. A server that answers may be a standby, or have a full disk: then grants
 * fail, which are rows in new pages of the disk, while everything that is read is there.
 */
export class WriteProbe {
  readonly #database: Database
  #writtenAt = Number.NEGATIVE_INFINITY
  #writing: Promise<void> | undefined

  constructor(database: Database) {
    this.#database = database
  }

  /** Writes, at most once a second however often it is asked. @throws what the database throws where it takes nothing */
  async assertWritable(): Promise<void> {
    if (performance.now() - this.#writtenAt < KEPT_MS) return
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
    })
    return this.#writing
  }

  async #write(): Promise<void> {
    try {
      await this.#database.em().transactional(async em => {
        // Emptied whole, so that the pages are new ones each time. A backup holds the table for as long as it takes.
        await em.execute('lock table write_probes in access exclusive mode nowait')
        await em.execute('truncate write_probes')
        await em.execute(
          `insert into write_probes (id, padding) select id, repeat('x', ${ROW_BYTES}) from generate_series(1, ${ROWS}) as id`,
        )
      })
    } catch (error) {
      if (!isLockedByOthers(error)) throw error
    }
    this.#writtenAt = performance.now()
  }
}
