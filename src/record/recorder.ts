import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../platform/clock.ts'
import { isConnectionFault, isDeadlock } from '../platform/database-faults.ts'
import { Unavailable } from '../platform/errors.ts'
import { endedBy, type Part, startPart } from '../platform/tracing.ts'
import type { NodeLease } from './node-lease.ts'
import type { Partitions } from './partitions.ts'
import type { Act, BatchOutcome, BatchPlace, PreparedBatch, RecordBatch } from './record-batch.ts'
import type { TotalsWriter } from './totals-writer.ts'

/** Below this, what a commit costs by itself weighs more than what is gained by a second one. */
const SMALL_BATCH = 16
const MAX_BATCH = 256
/** Some seconds of work: whoever comes then has a better chance later, or at another node. */
const MAX_WAITING = 10_000
/** Numbers that are taken for one batch; more than a second one means that nobody can hold any. */
const MAX_NUMBERS = 5

/** What became of an act: written, or refused because the pass was no longer what the act was decided on. */
export type Outcome = 'committed' | 'stale'

interface Waiting {
  readonly act: Act
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: unknown) => void
  /** Its wait and its writing, in the trace of its request. */
  readonly part: Part | undefined
}

/** Told of each batch that was written; for the operator's metrics. */
export type BatchObserver = (acts: number, seconds: number) => void

/**
 * The group commit: acts of concurrent requests share a statement, and the next batch starts when the last one
 * returns. There is no timer; each request waits for its own batch, so nothing is answered that is not recorded.
 */
export class Recorder {
  readonly #clock: Clock
  readonly #batch: Pick<RecordBatch, 'prepare' | 'write' | 'isApart'>
  readonly #lease: Pick<NodeLease, 'current' | 'abandon'>
  readonly #totals: Pick<TotalsWriter, 'newTotals' | 'begin' | 'add'>
  readonly #partitions: Pick<Partitions, 'ensure'>
  readonly #observe: BatchObserver
  /** Outside of any request: a batch belongs to many, and not to the one that was there first. */
  readonly #outside = AsyncLocalStorage.snapshot()
  #queue: Waiting[] = []
  #lastBatch = 0
  #running: Promise<void> | undefined

  constructor(
    clock: Clock,
    batch: Pick<RecordBatch, 'prepare' | 'write' | 'isApart'>,
    lease: Pick<NodeLease, 'current' | 'abandon'>,
    totals: Pick<TotalsWriter, 'newTotals' | 'begin' | 'add'>,
    partitions: Pick<Partitions, 'ensure'>,
    observe: BatchObserver,
  ) {
    this.#clock = clock
    this.#batch = batch
    this.#lease = lease
    this.#totals = totals
    this.#partitions = partitions
    this.#observe = observe
  }

  /**
   * Commits an act, together with whatever else waits.
   * @throws Unavailable where too many wait already, or what the database threw; then nothing of the act was written,
   *   unless the connection broke in between
   */
  commit(act: Act): Promise<Outcome> {
    const part = startPart('commit.wait')
    const settled = new Promise<Outcome>((resolve, reject) => {
      if (this.#queue.length >= MAX_WAITING)
        throw new Unavailable('The database', `${this.#queue.length} acts wait for it`)
      this.#queue.push({ act, resolve, reject, part })
      this.#running ??= this.#outside(() => this.#run())
    })
    return endedBy(part, settled)
  }

  /** Acts that wait for the batch before them. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Waits until all that was handed in is written. */
  async drain(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    // Lets the requests of this turn of the event loop into the first batch.
    await new Promise(resolve => setImmediate(resolve))
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, this.#nextBatch())
      this.#lastBatch = batch.length
      for (const { part } of batch) part?.next('commit.write')
      try {
        const answer = await this.#write(batch)
        // The next statement goes out first: the database works on it while this process answers.
        if (this.#batch.isApart && this.#queue.length > 0) setImmediate(answer)
        else answer()
      } catch (error) {
        for (const waiting of batch) waiting.reject(error)
        // Those behind it would wait as long, one batch after the other.
        if (isConnectionFault(error)) for (const waiting of this.#queue.splice(0)) waiting.reject(error)
      }
    }
    this.#running = undefined
  }

  /**
   * Half of the acts that are under way: while the database writes them, this process answers the other half and reads
   * what comes next. With all of them in one batch, each would wait for the other.
   */
  #nextBatch(): number {
    const underWay = this.#lastBatch + this.#queue.length
    return Math.min(MAX_BATCH, Math.max(SMALL_BATCH, Math.ceil(underWay / 2)))
  }

  /** @returns what tells those whose act was written; the others know already */
  async #write(batch: Waiting[]): Promise<() => void> {
    const started = performance.now()
    await this.#partitions.ensure(this.#clock.now())
    let remaining = batch
    while (remaining.length > 0) {
      const stale = await this.#writeOnce(remaining.map(waiting => waiting.act))
      if (stale.size === 0) break
      for (const position of stale) remaining[position]?.resolve('stale')
      remaining = remaining.filter((_, position) => !stale.has(position))
    }
    this.#observe(remaining.length, (performance.now() - started) / 1000)
    return () => {
      for (const waiting of remaining) waiting.resolve('committed')
    }
  }

  /** @returns the positions of the acts whose check did not hold; none when all was written */
  async #writeOnce(acts: readonly Act[]): Promise<ReadonlySet<number>> {
    const prepared = this.#batch.prepare(acts, this.#totals.newTotals())
    for (let tries = 1; ; tries += 1) {
      const held = await this.#lease.current()
      const batch = await this.#totals.begin(held, prepared.endedAt)
      const outcome = await this.#written(prepared, { node: held.node, holder: held.holder, batch })
      if (outcome === 'number_lost') {
        this.#lease.abandon()
        if (tries < MAX_NUMBERS) continue
        throw new Unavailable('The database', 'the number of this node is taken again and again')
      }
      if (outcome.length === 0) this.#totals.add(batch, prepared.counted)
      return new Set(outcome)
    }
  }

  async #written(prepared: PreparedBatch, place: BatchPlace): Promise<BatchOutcome> {
    const write = () => this.#batch.write(prepared, place)
    try {
      // Of two who wait for each other one has to go; the other is done when this one comes again.
      return await write().catch(error => (isDeadlock(error) ? write() : Promise.reject(error)))
    } catch (error) {
      // Written or not: who takes the number anew reads what is there.
      if (isConnectionFault(error)) this.#lease.abandon()
      throw error
    }
  }
}
