import { percentile } from '../statistics.ts'
import { bodyOf, Connection } from './connection.ts'

/** What is asked, and what tells a good answer, which has status 200. */
export interface Asked {
  readonly port: number
  readonly requests: readonly Uint8Array[]
  /** A part of every good answer. */
  readonly expected: string
}

/** What one round of a load saw. */
export interface Counted {
  readonly answers: number
  /** Answers a second. */
  readonly rate: number
  /** Milliseconds, exact: every answer's time is kept. */
  readonly p50: number
  readonly p99: number
  /** What went wrong, warm-up included. A round with faults is void: a refusal may be quicker than an answer. */
  readonly faults: readonly string[]
}

/** Some connections, each of which asks again as soon as it is answered. */
export class ClosedLoop {
  readonly #asked: Asked
  readonly #connections: readonly Connection[]
  readonly #faults: string[] = []
  readonly #running: Promise<void>[]
  #latencies: number[] = []
  #since = 0
  #stopped = false

  private constructor(asked: Asked, connections: readonly Connection[]) {
    this.#asked = asked
    this.#connections = connections
    this.#running = connections.map((connection, index) => this.#run(connection, index))
  }

  static async start(asked: Asked, connections: number): Promise<ClosedLoop> {
    return new ClosedLoop(asked, await openAll(asked.port, connections))
  }

  /** How many were answered since the counting began, or since the start. */
  get answers(): number {
    return this.#latencies.length
  }

  /** What went wrong until now. */
  get faults(): readonly string[] {
    return this.#faults
  }

  /** Forgets what was answered until now. */
  startCounting(): void {
    this.#latencies = []
    this.#since = performance.now()
  }

  /** What was answered since the counting began; the load goes on. */
  counted(): Counted {
    const seconds = (performance.now() - this.#since) / 1000
    const sorted = Float64Array.from(this.#latencies).sort()
    return {
      answers: sorted.length,
      rate: sorted.length / seconds,
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
      faults: this.#faults,
    }
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true
    await Promise.all(this.#running)
    for (const connection of this.#connections) connection.close()
  }

  /** Each connection has requests of its own, so that together they send all of them. */
  #run(connection: Connection, index: number): Promise<void> {
    const { requests, expected } = this.#asked
    return new Promise(resolve => {
      let next = index % requests.length
      let sentAt = 0
      const send = () => {
        const request = requests[next]
        if (this.#stopped || !request) return resolve()
        next = (next + this.#connections.length) % requests.length
        sentAt = performance.now()
        connection.send(request, answered)
      }
      const answered = (status: number, text: string) => {
        this.#latencies.push(performance.now() - sentAt)
        if (status !== 200 || !text.includes(expected)) this.#faults.push(faultOf(status, text))
        // A connection that is gone answers at once, for ever.
        if (status === 0) return resolve()
        send()
      }
      send()
    })
  }
}

/** Sends each request once. @returns the bodies, in order @throws unless all are answered as is expected */
export async function askEach({ port, requests, expected }: Asked, width: number): Promise<string[]> {
  const bodies: string[] = []
  const connections = await openAll(port, Math.min(width, requests.length))
  const left = requests.entries()
  await Promise.all(
    connections.map(async connection => {
      for (const [index, request] of left) {
        const { status, text } = await connection.ask(request)
        if (status !== 200 || !text.includes(expected)) throw new Error(faultOf(status, text))
        bodies[index] = bodyOf(text)
      }
    }),
  ).finally(() => {
    for (const connection of connections) connection.close()
  })
  return bodies
}

function openAll(port: number, count: number): Promise<Connection[]> {
  return Promise.all(Array.from({ length: count }, () => Connection.open(port)))
}

function faultOf(status: number, text: string): string {
  return status === 0 ? text : `${status} ${bodyOf(text).slice(0, 200)}`
}
