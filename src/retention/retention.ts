import { randomUUID } from 'node:crypto'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/logger.ts'
import type { RetentionRunStore } from './retention-run.store.ts'

/** How often a node looks whether it is time, by the machine's own clock. */
const LOOK_EVERY_MS = 60_000
/** From one turn to the next. */
const TURN_MS = 5 * 60_000
/** Rows of one statement: short enough for requests to come in between. */
const BATCH_ROWS = 5_000

/** Something that is deleted when its time is over. */
export interface Chore {
  /** In the log. */
  readonly name: string
  /**
   * One batch. @param now by the injected clock
   * @returns how many it deleted; as many as `limit` says that there may be more
   */
  readonly sweep: (now: Date, limit: number) => Promise<number>
}

/** How many each chore deleted. */
export type Swept = Readonly<Record<string, number>>

/**
 * Deletes what is past its time. Every node looks once a minute, and one of them gets the turn, so that there is no
 * other process to start and no two do the same work. A statement is its own transaction, and nothing is held between
 * two of them.
 */
export class Retention {
  readonly #runs: RetentionRunStore
  readonly #chores: readonly Chore[]
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #onFault: () => void
  readonly #holder = randomUUID()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<Swept | undefined> | undefined
  #stopping = false

  /** @param onFault told of each chore that could not be done */
  constructor(
    runs: RetentionRunStore,
    chores: readonly Chore[],
    clock: Clock,
    logger: Logger,
    onFault: () => void = () => {},
  ) {
    this.#onFault = onFault
    this.#runs = runs
    this.#chores = chores
    this.#clock = clock
    this.#logger = logger
  }

  /** Looks from now on. The timer keeps no process alive. */
  start(): void {
    this.#timer ??= setInterval(() => {
      this.run().catch(error =>
        this.#logger.warn({ err: error }, 'what is past its time could not be deleted'),
      )
    }, LOOK_EVERY_MS).unref()
  }

  /** Ends with the batch that is under way. */
  async stop(): Promise<void> {
    this.#stopping = true
    clearInterval(this.#timer)
    await this.#running?.catch(() => {})
  }

  /** Deletes what is past its time, if it is this node's turn. @returns undefined when it is not */
  run(): Promise<Swept | undefined> {
    if (this.#stopping) return Promise.resolve(undefined)
    this.#running ??= this.#turn().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #turn(): Promise<Swept | undefined> {
    if (!(await this.#runs.take(this.#holder, this.#clock.date(), this.#next()))) return undefined
    const swept: Record<string, number> = {}
    for (const { name, sweep } of this.#chores) {
      try {
        swept[name] = await this.#sweepAll(sweep)
      } catch (error) {
        // The others can still be done, and this one at the next turn.
        this.#onFault()
        this.#logger.warn({ err: error, chore: name }, 'what is past its time could not be deleted')
      }
    }
    if (Object.values(swept).some(count => count > 0)) this.#logger.info({ swept }, 'retention')
    return swept
  }

  async #sweepAll(sweep: Chore['sweep']): Promise<number> {
    let total = 0
    while (!this.#stopping && (await this.#runs.keep(this.#holder, this.#next()))) {
      const count = await sweep(this.#clock.date(), BATCH_ROWS)
      total += count
      if (count < BATCH_ROWS) break
    }
    return total
  }

  #next(): Date {
    return new Date(this.#clock.now() + TURN_MS)
  }
}
