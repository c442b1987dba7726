import cluster from 'node:cluster'
import { Unavailable } from '../platform/errors.ts'
import type { ServerMetrics } from '../platform/metrics.ts'
import { within } from '../platform/redis.ts'
import { type FromWorker, snapshot, type ToWorker, toWorker } from './messages.ts'

const ANSWERED_WITHIN_MS = 5_000

/** What a worker has of the first process. */
export class WorkerLink {
  /** In the log: each worker has another number, also one that is in the place of another. */
  readonly number: number
  /** It was started before all others, and prepares for them. */
  readonly isFirst: boolean
  /** Aborted when the first process wants this one to stop. */
  readonly stop: AbortSignal
  readonly #stopping = new AbortController()
  readonly #questions = new Map<number, (text: string) => void>()
  #metrics: ServerMetrics | undefined
  #asked = 0

  private constructor(number: number) {
    this.number = number
    this.isFirst = number === 1
    this.stop = this.#stopping.signal
    process.on('message', (received: unknown) => {
      const message = toWorker.safeParse(received)
      if (message.success) this.#take(message.data)
    })
  }

  /** @returns undefined where this process is no worker */
  static find(): WorkerLink | undefined {
    return cluster.worker && new WorkerLink(cluster.worker.id)
  }

  /** The worker listens: from now on its metrics are those of all workers. */
  ready(metrics: ServerMetrics): void {
    this.#metrics = metrics
    metrics.isPartOf(() => this.#metricsOfAll())
    tell({ kind: 'ready' })
  }

  /** Hands over what has been counted, before the process ends. */
  async end(): Promise<void> {
    if (this.#metrics) await this.#tellMetrics(this.#metrics)
  }

  async #metricsOfAll(): Promise<string> {
    const question = ++this.#asked
    const { promise, resolve } = Promise.withResolvers<string>()
    this.#questions.set(question, resolve)
    await tell({ kind: 'ask', question })
    try {
      return await within(ANSWERED_WITHIN_MS, promise)
    } catch (error) {
      throw new Unavailable('The first process', error instanceof Error ? error.message : String(error))
    } finally {
      this.#questions.delete(question)
    }
  }

  #take(message: ToWorker): void {
    if (message.kind === 'stop') this.#stopping.abort(message.reason)
    if (message.kind === 'answer') this.#questions.get(message.question)?.(message.text)
    if (message.kind === 'tell' && this.#metrics) this.#tellMetrics(this.#metrics)
  }

  async #tellMetrics({ registry }: ServerMetrics): Promise<void> {
    await tell({ kind: 'snapshot', metrics: snapshot.parse(await registry.getMetricsAsJSON()) })
  }
}

/** Resolves when it is on its way; what cannot be sent has nobody to read it, and this process ends. */
function tell(message: FromWorker): Promise<void> {
  return new Promise(resolve => {
    if (!process.send || !process.connected) return resolve()
    process.send(message, undefined, undefined, () => resolve())
  })
}
