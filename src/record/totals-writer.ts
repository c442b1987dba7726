import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import { type HeldNode, MARK_SLACK_MS, type NodeLease } from './node-lease.ts'
import { type CountedRow, EndpointSketches, Totals } from './totals.ts'

const WRITE_EVERY_MS = 1_000
const LEASE_RENEWED_EVERY_MS = 5_000
/** So often a node looks for others that have died with rows that are in no sum. */
const LOOK_FOR_DEAD_EVERY_MS = 15_000
/** What is waiting is written at once from so many rows of sums on, which bounds memory and the time of a statement. */
const WRITE_AT_SIZE = 5_000

const ADD_TOTALS =
  'select add_totals($1::smallint, $2::uuid, $3::bigint, $4::timestamptz, $5::int, $6::json, $7::json, $8::json) as added'

/** Sums that are on their way, and the mark that they reach. */
interface Outgoing {
  readonly held: HeldNode
  readonly totals: Totals
  readonly mark: number
  /** Milliseconds since the epoch; earlier where the clock was set back meanwhile. */
  markedAt: number
}

/**
 * Adds up what this process records, and writes the sums once a second, before they are read here, and when they grow large:
 * in the commits themselves they would cost as much as the rows. With the sums goes a mark, up to which batches are in them;
 * rows behind the mark of a node that was killed are added up by whoever takes its number over.
 */
export class TotalsWriter {
  readonly #database: Database
  readonly #lease: NodeLease
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #sketches = new EndpointSketches()
  #held: HeldNode | undefined
  #current = new Totals(this.#sketches)
  /** The last batch whose rows, and those of all before it, are added up. */
  #mark = 0
  /** The last batch that was begun. */
  #begun = 0
  /** Rows of batches that were written before an earlier one was. */
  readonly #ahead = new Map<number, readonly CountedRow[]>()
  /** Numbers that were given up: what was begun under one of them is nobody's here. */
  readonly #past = new WeakSet<HeldNode>()
  /** Whether it is not known what became of a batch: those after it are added up by whoever takes the number anew. */
  #inDoubt = false
  #waiting: (() => void)[] = []
  /** No row behind the mark ended longer before this than the slack. */
  #markedAt = Number.POSITIVE_INFINITY
  #outgoing: Outgoing | undefined
  #writing: Promise<void> | undefined
  #timers: NodeJS.Timeout[] = []

  constructor(database: Database, lease: NodeLease, clock: Clock, logger: Logger) {
    this.#database = database
    this.#lease = lease
    this.#clock = clock
    this.#logger = logger
  }

  /** For sums that a commit writes itself, of refusals. */
  newTotals(): Totals {
    return new Totals(this.#sketches)
  }

  /** Adds up what nodes that were killed have left, and begins to write. */
  async start(): Promise<void> {
    if (this.#database.kind === 'pglite') await this.#lease.endAll()
    await this.settleDead()
    const every = (milliseconds: number, what: string, act: () => Promise<void>) => {
      const turn = () => void act().catch(error => this.#logger.warn({ err: error }, what))
      this.#timers.push(setInterval(turn, milliseconds).unref())
    }
    every(WRITE_EVERY_MS, 'sums of activity could not be written; they are kept and tried again', () =>
      this.flush(),
    )
    // The embedded database is this process's own: nobody takes it for dead, and nobody else can die.
    if (this.#database.kind === 'pglite') return
    every(LEASE_RENEWED_EVERY_MS, 'the number of this node could not be renewed', () => this.#lease.renew())
    every(LOOK_FOR_DEAD_EVERY_MS, 'what nodes that died have left could not be added up', () =>
      this.settleDead(),
    )
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) clearInterval(timer)
    await this.flush()
  }

  /**
   * Makes ready for a batch that is about to be written under a number.
   * @param endedAt the earliest end among its rows, in milliseconds since the epoch
   * @returns the number of the batch, which has to be settled; undefined where another number of a node was taken meanwhile
   */
  async begin(held: HeldNode, endedAt: number): Promise<number | undefined> {
    if (this.#past.has(held)) return undefined
    if (held !== this.#held) this.#takeOver(held)
    // A clock that was set back: whoever makes this node good would look for these rows too late.
    if (endedAt < this.#markedAt - MARK_SLACK_MS) await this.#moveBack(held, endedAt)
    if (held !== this.#held) return undefined
    this.#begun += 1
    return this.#begun
  }

  /**
   * Adds up a batch that has been written, as soon as all before it are: the mark says of every batch up to it that it is in
   * the sums.
   * @param rows none where nothing was written
   */
  settle(held: HeldNode, batch: number, rows: readonly CountedRow[]): void {
    // Whoever took the number over has read the rows.
    if (held !== this.#held) return
    this.#ahead.set(batch, rows)
    for (;;) {
      const next = this.#ahead.get(this.#mark + 1)
      if (!next) break
      this.#mark += 1
      this.#ahead.delete(this.#mark)
      for (const row of next) this.#current.add(row)
    }
    this.#tellWaiting()
    if (this.#current.size >= WRITE_AT_SIZE && !this.#writing)
      void this.flush().catch(() => {
        // Kept, and tried again in a second.
      })
  }

  /** A number was given up, of which a batch may have been written or not. */
  doubt(held: HeldNode): void {
    if (held !== this.#held) return
    this.#inDoubt = true
    this.#tellWaiting()
  }

  /** Writes all that has been added so far. When it returns, it can be read. */
  async flush(): Promise<void> {
    await this.#upTo(Math.max(this.#mark, ...this.#ahead.keys()))
    // What is being written may have been taken before the last was added: those who come now share the next turn.
    const before = this.#writing
    if (before) {
      await before.catch(() => {})
      if (this.#writing) return this.#writing
    }
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined
    })
    return this.#writing
  }

  /** Waits until a batch is added up that was written before one that was begun earlier. */
  async #upTo(batch: number): Promise<void> {
    const held = this.#held
    while (this.#held === held && !this.#inDoubt && this.#mark < batch)
      await new Promise<void>(resolve => {
        this.#waiting.push(resolve)
      })
  }

  #tellWaiting(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  async #write(): Promise<void> {
    if (this.#outgoing) await this.#send(this.#outgoing)
    if (!this.#held || this.#current.size === 0) return
    this.#markedAt = this.#clock.now()
    this.#outgoing = {
      held: this.#held,
      totals: this.#current,
      mark: this.#mark,
      markedAt: this.#markedAt,
    }
    this.#current = this.newTotals()
    await this.#send(this.#outgoing)
  }

  async #send(outgoing: Outgoing): Promise<void> {
    const { held, totals, mark } = outgoing
    const written = await addTotals(this.#database, outgoing)
    if (this.#outgoing === outgoing) this.#outgoing = undefined
    if (written) totals.written()
    if (written || this.#held !== held) return
    // Whoever has the number now has the rows as well.
    this.#giveUp()
    this.#lease.abandon(held)
    this.#logger.warn(
      { node: held.node, mark },
      'this node was taken for dead; what it has recorded is added up',
    )
  }

  /** Forgets what is in no sum yet: whoever takes the number reads its rows. */
  #giveUp(): void {
    if (this.#held) this.#past.add(this.#held)
    this.#held = undefined
    this.#outgoing = undefined
    this.#current = this.newTotals()
    this.#ahead.clear()
    this.#inDoubt = false
    this.#tellWaiting()
  }

  #takeOver(held: HeldNode): void {
    this.#giveUp()
    this.#held = held
    this.#mark = held.lastBatch
    this.#begun = held.lastBatch
    this.#markedAt = held.markedAt
    for (const row of held.behind) this.#current.add(row)
  }

  async #moveBack(held: HeldNode, endedAt: number): Promise<void> {
    await this.#writing?.catch(() => {})
    if (this.#outgoing) this.#outgoing.markedAt = Math.min(this.#outgoing.markedAt, endedAt)
    await this.#database.query(
      'update nodes set marked_at = $3::timestamptz where id = $1 and holder = $2 and marked_at > $3::timestamptz',
      [held.node, held.holder, new Date(endedAt).toISOString()],
    )
    this.#markedAt = endedAt
  }

  /** Adds up what nodes have left that were killed, whose numbers are free by now. */
  async settleDead(): Promise<void> {
    for (;;) {
      const dead = await this.#lease.takeUnsettled()
      if (!dead) return
      const totals = this.newTotals()
      for (const row of dead.behind) totals.add(row)
      const outgoing = { held: dead, totals, mark: dead.lastBatch, markedAt: this.#clock.now() }
      if (totals.size > 0 && (await addTotals(this.#database, outgoing))) totals.written()
      await this.#lease.settle(dead)
      this.#logger.info(
        { node: dead.node, rows: dead.behind.length },
        'a node that died was made good: what it had recorded is added up',
      )
    }
  }
}

async function addTotals(database: Database, { held, totals, mark, markedAt }: Outgoing): Promise<boolean> {
  const rollups = totals.rollups.rows()
  const [row] = await database.query<{ added: boolean }>(ADD_TOTALS, [
    held.node,
    held.holder,
    mark,
    new Date(markedAt).toISOString(),
    totals.rollups.rounds,
    JSON.stringify(rollups),
    JSON.stringify(totals.endpoints()),
    JSON.stringify(totals.uses()),
  ])
  return row?.added ?? false
}
