import cluster, { type Worker } from 'node:cluster'
import { DRAIN_MS } from '../http/drain.ts'
import { EX_CONFIG } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import { type FromWorker, fromWorker, type ToWorker } from './messages.ts'
import type { PoolMetrics } from './pool-metrics.ts'
import { nextPause, STEADY_AFTER_MS } from './restart-pause.ts'

/** So many starts in a row without any that came to serve, and none is left that serves: it is no use to go on. */
const VAIN_STARTS = 8

/** After its last request a worker writes what waits, and sends its traces. */
const CLOSE_MS = 5_000

/** How a worker ended. */
interface End {
  readonly code: number | null
  readonly signal: string | null
}

/**
 * The workers of the first process: it starts one in the place of each that ends, and ends them when it is to stop.
 */
export class WorkerPool {
  readonly #wanted: number
  readonly #logger: Logger
  readonly #metrics: PoolMetrics
  readonly #killAfterMs: number
  readonly #workers = new Set<Worker>()
  /** Those that serve, with since when. */
  readonly #ready = new Map<Worker, number>()
  readonly #restarts = new Set<NodeJS.Timeout>()
  readonly #over = Promise.withResolvers<number>()
  /** Ends in a row of workers that have not served for long. */
  #quickEnds = 0
  #serving = false
  #stopping = false
  #exitCode = 0

  constructor(wanted: number, logger: Logger, metrics: PoolMetrics, drainDelayMs: number) {
    this.#wanted = wanted
    this.#logger = logger
    this.#metrics = metrics
    this.#killAfterMs = drainDelayMs + DRAIN_MS + CLOSE_MS
    // Numbers that JSON does not have (NaN) are among the metrics.
    cluster.setupPrimary({ serialization: 'advanced' })
    metrics.watch(() => ({ wanted, serving: this.#ready.size }))
  }

  /**
   * Runs the workers until all have ended.
   * @param onServing called once, when all serve
   * @returns what to exit with: of a worker that cannot be started its own code, and 0 after a stop at which each ended well
   */
  async run(stop: AbortSignal, onServing: () => void): Promise<number> {
    stop.addEventListener('abort', () => this.#stop(String(stop.reason), 0))
    // The first one alone: it prepares for all, and what it cannot be started for is told once.
    if (await this.#start()) {
      const others = Array.from({ length: this.#wanted - 1 }, () => this.#start())
      this.#serving = (await Promise.all(others)).every(Boolean)
      if (this.#serving && !this.#stopping) onServing()
    }
    return this.#over.promise
  }

  /** @returns whether it came to serve */
  #start(): Promise<boolean> {
    if (this.#stopping) return Promise.resolve(false)
    const worker = cluster.fork()
    this.#workers.add(worker)
    return new Promise(resolve => {
      worker.on('message', (received: unknown) => {
        const message = fromWorker.safeParse(received)
        if (!message.success) return
        if (message.data.kind === 'ready') {
          this.#ready.set(worker, performance.now())
          resolve(true)
        }
        this.#answer(worker, message.data)
      })
      worker.once('exit', (code: number | null, signal: string | null) => {
        this.#ended(worker, { code, signal })
        resolve(false)
      })
      worker.on('error', error =>
        this.#logger.warn({ err: error, worker: worker.id }, 'a worker is not heard'),
      )
    })
  }

  #answer(worker: Worker, message: FromWorker): void {
    if (message.kind === 'snapshot') this.#metrics.put(worker.id, message.metrics)
    if (message.kind !== 'ask') return
    const { question } = message
    this.#metrics
      .text(
        [...this.#ready.keys()].map(one => one.id),
        () => this.#tellAll({ kind: 'tell' }),
      )
      .then(text => send(worker, { kind: 'answer', question, text }))
      .catch(error => this.#logger.warn({ err: error }, 'the metrics cannot be added up'))
  }

  #ended(worker: Worker, end: End): void {
    const servedSince = this.#ready.get(worker)
    this.#workers.delete(worker)
    this.#ready.delete(worker)
    this.#metrics.retire(worker.id, this.#stopping)
    if (this.#stopping) {
      if (end.code !== 0) this.#exitCode ||= end.code ?? 1
      if (this.#workers.size === 0) this.#over.resolve(this.#exitCode)
      return
    }
    const steady = servedSince !== undefined && performance.now() - servedSince > STEADY_AFTER_MS
    this.#quickEnds = steady ? 0 : this.#quickEnds + 1
    const vain =
      servedSince === undefined &&
      (!this.#serving || end.code === EX_CONFIG || (this.#ready.size === 0 && this.#quickEnds >= VAIN_STARTS))
    if (vain) {
      this.#stop('a worker that cannot be started', end.code || 1)
      return
    }
    const pauseMs = nextPause(this.#quickEnds)
    this.#logger.error(
      { worker: worker.id, pid: worker.process.pid, ...end, pauseMs },
      'a worker has ended; another one takes its place',
    )
    const restart = setTimeout(() => {
      this.#restarts.delete(restart)
      this.#start()
    }, pauseMs)
    this.#restarts.add(restart)
  }

  #stop(reason: string, exitCode: number): void {
    if (this.#stopping) return
    this.#stopping = true
    this.#exitCode = exitCode
    for (const restart of this.#restarts) clearTimeout(restart)
    if (this.#workers.size === 0) this.#over.resolve(exitCode)
    this.#tellAll({ kind: 'stop', reason })
    setTimeout(() => {
      for (const worker of this.#workers) {
        this.#logger.error({ worker: worker.id }, 'a worker does not end, and is killed')
        worker.process.kill('SIGKILL')
      }
    }, this.#killAfterMs).unref()
  }

  #tellAll(message: ToWorker): void {
    for (const worker of this.#workers) send(worker, message)
  }
}

function send(worker: Worker, message: ToWorker): void {
  // One that has ended hears nothing more, and its end is told by an event of its own.
  if (worker.isConnected()) worker.send(message, undefined, () => {})
}
