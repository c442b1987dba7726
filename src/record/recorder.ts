import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../platform/clock.ts'
import { isConnectionFault, isDeadlock } from '../platform/database-faults.ts'
import { Unavailable } from '../platform/errors.ts'
import { endedBy, type Part, startPart } from '../platform/tracing.ts'
import type { HeldNode, NodeLease } from './node-lease.ts'
import type { Partitions } from './partitions.ts'
import type { Act, BatchOutcome, PreparedBatch, RecordBatch } from './record-batch.ts'
import type { TotalsWriter } from './totals-writer.ts'

/** Commits under way at a time: where the database works for itself, one is written while the other is being sent. */
const MOST_COMMITS = { apart: 2, within: 1 }
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
 * The group commit: acts of concurrent requests share a statement. On PostgreSQL two of them are under way at a time; each is
 * begun when one before it returns, or as soon as there are acts enough for it. There is no timer; each request waits for its
 * own batch, so nothing is answered that is not recorded.
 */
export class Recorder {
  readonly #clock: Clock
  readonly #batch: Pick<RecordBatch, 'prepare' | 'write' | 'isApart'>
  readonly #lease: Pick<NodeLease, 'current' | 'abandon'>
  readonly #totals: Pick<TotalsWriter, 'newTotals' | 'begin' | 'doubt' | 'settle'>
  readonly #partitions: Pick<Partitions, 'ensure'>
  readonly #observe: BatchObserver
  /** Outside of any request: a batch belongs to many, and not to the one that was there first. */
  readonly #outside = AsyncLocalStorage.snapshot()
  #queue: Waiting[] = []
  /** Acts of the batches that are being written, or were a moment ago: those who waited for them come again. */
  #underWay = 0
  /** Commits that are under way. */
  #commits = 0
  /** Whoever waits until there are none. */
  readonly #draining: (() => void)[] = []

  constructor(
    clock: Clock,
    batch: Pick<RecordBatch, 'prepare' | 'write' | 'isApart'>,
    lease: Pick<NodeLease, 'current' | 'abandon'>,
    totals: Pick<TotalsWriter, 'newTotals' | 'begin' | 'doubt' | 'settle'>,
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
      this.#begin()
    })
    return endedBy(part, settled)
  }

  /** Acts that wait for the batch before them. */
  get waiting(): number {
    return this.#queue.length
  }

  /** Waits until all that was handed in is written. */
  async drain(): Promise<void> {
    while (this.#commits > 0) await new Promise<void>(resolve => this.#draining.push(resolve))
  }

  /** Begins a further commit where there may be one, and there are acts enough for it. */
  #begin(): void {
    if (!this.#mayBegin(this.#commits)) return
    this.#commits += 1
    this.#outside(() => void this.#run())
  }

  get #mostCommits(): number {
    return this.#batch.isApart ? MOST_COMMITS.apart : MOST_COMMITS.within
  }

  /** @param others commits that are under way */
  #mayBegin(others: number): boolean {
    if (this.#queue.length === 0) return false
    return others === 0 || (others < this.#mostCommits && this.#queue.length >= this.#nextBatch())
  }

  /** Never fails: whoever waits for a batch is told. */
  async #run(): Promise<void> {
    // Lets the requests of this turn of the event loop into the first batch.
    await new Promise(resolve => setImmediate(resolve))
    let last = 0
    while (this.#mayBegin(this.#commits - 1)) {
      const batch = this.#queue.splice(0, this.#nextBatch())
      this.#underWay += batch.length - last
      last = batch.length
      this.#begin()
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
    this.#underWay -= last
    this.#commits -= 1
    if (this.#commits === 0) for (const resolve of this.#draining.splice(0)) resolve()
  }

  /**
   * A share of the acts that are under way: while the database writes them, this process answers the others and reads
   * what comes next. With all of them in one batch, each would wait for the other.
   */
  #nextBatch(): number {
    const underWay = this.#underWay + this.#queue.length
    return Math.min(MAX_BATCH, Math.max(SMALL_BATCH, Math.ceil(underWay / (this.#mostCommits + 1))))
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
      const outcome = batch === undefined ? 'number_lost' : await this.#written(prepared, held, batch)
      if (outcome !== 'number_lost') return new Set(outcome)
      this.#abandon(held)
      if (tries === MAX_NUMBERS)
        throw new Unavailable('The database', 'the number of this node is taken again and again')
    }
  }

  #abandon(held: HeldNode): void {
    this.#lease.abandon(held)
    this.#totals.doubt(held)
  }

  async #written(prepared: PreparedBatch, held: HeldNode, batch: number): Promise<BatchOutcome> {
    const write = () => this.#batch.write(prepared, { node: held.node, holder: held.holder, batch })
    try {
      // Of two who wait for each other one has to go; the other is done when this one comes again.
      const outcome = await write().catch(error => (isDeadlock(error) ? write() : Promise.reject(error)))
      if (outcome !== 'number_lost')
        this.#totals.settle(held, batch, outcome.length === 0 ? prepared.counted : [])
      return outcome
    } catch (error) {
      // Written or not: who takes the number anew reads what is there.
      if (isConnectionFault(error)) this.#abandon(held)
      else this.#totals.settle(held, batch, [])
      throw error
    }
  }
}
