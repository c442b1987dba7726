import { Counter, Gauge, Registry } from 'prom-client'
import type { Snapshot } from './messages.ts'
import { SummedMetrics } from './summed-metrics.ts'

/** One that does not tell of itself within this time is told of as it last did. */
const TOLD_WITHIN_MS = 2_000

/** The metrics of all workers, and those of how many there are. */
export class PoolMetrics {
  readonly #registry = new Registry()
  readonly #sum = new SummedMetrics(this.#registry)
  readonly #ends = new Counter({
    name: 'sentinel_pass_worker_ends_total',
    help: 'Workers that have ended, each for another to be started in its place.',
    registers: [this.#registry],
  })
  readonly #awaited = new Set<number>()
  #told = Promise.withResolvers<void>()
  #running: Promise<string> | undefined

  /** @param state read when the metrics are */
  watch(state: () => { readonly wanted: number; readonly serving: number }): void {
    new Gauge({
      name: 'sentinel_pass_workers',
      help: 'Workers that there are to be, and those that serve.',
      labelNames: ['state'],
      registers: [this.#registry],
      collect() {
        for (const [name, number] of Object.entries(state())) this.set({ state: name }, number)
      },
    })
  }

  put(worker: number, metrics: Snapshot): void {
    this.#sum.put(worker, metrics)
    this.#settle(worker)
  }

  /** @param expected whether it was to end */
  retire(worker: number, expected: boolean): void {
    this.#sum.retire(worker)
    this.#settle(worker)
    if (!expected) this.#ends.inc()
  }

  /**
   * In Prometheus' text format. Who asks meanwhile is told the same.
   * @param workers those that serve
   * @param ask asks each of them for its own
   */
  text(workers: readonly number[], ask: () => void): Promise<string> {
    this.#running ??= this.#gather(workers, ask).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #gather(workers: readonly number[], ask: () => void): Promise<string> {
    this.#told = Promise.withResolvers()
    for (const worker of workers) this.#awaited.add(worker)
    const late = setTimeout(this.#told.resolve, TOLD_WITHIN_MS)
    ask()
    await this.#told.promise
    clearTimeout(late)
    this.#awaited.clear()
    return this.#sum.text()
  }

  #settle(worker: number): void {
    if (this.#awaited.delete(worker) && this.#awaited.size === 0) this.#told.resolve()
  }
}
