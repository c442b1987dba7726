import { Connection } from './connection.ts'

const TICK_MS = 1

/** What was sent, and how it was answered. */
export interface Sent {
  /** Requests a second that were sent: less than was meant where the server did not keep up. */
  readonly rate: number
  /** How many answers each status had; 0 where a connection failed. */
  readonly statuses: ReadonlyMap<number, number>
}

/** Sends so many requests a second, however long the answers take: as those do who do not wait for each other. */
export class OpenLoop {
  readonly #idle: Connection[]
  readonly #connections: readonly Connection[]
  readonly #requests: readonly Uint8Array[]
  readonly #perSecond: number
  readonly #statuses = new Map<number, number>()
  readonly #started = performance.now()
  readonly #timer: NodeJS.Timeout
  #sent = 0

  private constructor(
    connections: readonly Connection[],
    requests: readonly Uint8Array[],
    perSecond: number,
  ) {
    this.#connections = connections
    this.#idle = [...connections]
    this.#requests = requests
    this.#perSecond = perSecond
    this.#timer = setInterval(() => this.#sendDue(), TICK_MS)
  }

  /** @param localAddress that all of it comes from */
  static async start(
    { port, localAddress }: { readonly port: number; readonly localAddress: string | undefined },
    requests: readonly Uint8Array[],
    perSecond: number,
    connections: number,
  ): Promise<OpenLoop> {
    const opened = Array.from({ length: connections }, () => Connection.open(port, localAddress))
    return new OpenLoop(await Promise.all(opened), requests, perSecond)
  }

  /** Ends it, with whatever is under way. */
  stop(): Sent {
    clearInterval(this.#timer)
    for (const connection of this.#connections) connection.close()
    const seconds = (performance.now() - this.#started) / 1000
    return { rate: this.#sent / seconds, statuses: this.#statuses }
  }

  #sendDue(): void {
    const due = ((performance.now() - this.#started) / 1000) * this.#perSecond
    while (this.#sent < due) {
      const request = this.#requests[this.#sent % this.#requests.length]
      const connection = this.#idle.pop()
      if (!connection || !request) return
      this.#sent += 1
      connection.send(request, status => {
        this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1)
        if (status !== 0) this.#idle.push(connection)
      })
    }
  }
}
