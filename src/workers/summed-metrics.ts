import { AggregatorRegistry, type Registry } from 'prom-client'
import { type Snapshot, snapshot } from './messages.ts'

/** What only grows: to Prometheus a sum that falls is a start anew, and all of it counted again. */
const GROWING = new Set<unknown>(['counter', 'histogram'])

/**
 * The metrics of all workers as those of one: sums, but for what each metric says itself (`aggregator`). What a worker
 * that has ended had counted, as it last told, stays in them.
 */
export class SummedMetrics {
  readonly #own: Registry
  readonly #latest = new Map<number, Snapshot>()
  /** Of those that have ended: added up where they are asked for, into one. */
  #former: Snapshot[] = []

  /** @param own of this process, beside those of the workers */
  constructor(own: Registry) {
    this.#own = own
  }

  /** Takes what a worker tells of itself. */
  put(worker: number, metrics: Snapshot): void {
    this.#latest.set(worker, metrics)
  }

  /** A worker has ended. */
  retire(worker: number): void {
    const last = this.#latest.get(worker) ?? []
    this.#latest.delete(worker)
    this.#former.push(last.filter(({ type }) => GROWING.has(type)))
  }

  /** In Prometheus' text format. */
  async text(): Promise<string> {
    const former = this.#former.splice(0)
    const sum = snapshot.parse(await AggregatorRegistry.aggregate(former).getMetricsAsJSON())
    this.#former.push(sum)
    const own = snapshot.parse(await this.#own.getMetricsAsJSON())
    return AggregatorRegistry.aggregate([...this.#latest.values(), ...this.#former, own]).metrics()
  }
}
