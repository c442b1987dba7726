import { Problem } from './problems.ts'

/**
 * Lets a few costly reads through at once, and a few more wait: however many are asked for, they never take the connections
 * that grants need.
 */
export class ReadGate {
  readonly #atOnce: number
  readonly #mostWaiting: number
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce
    this.#mostWaiting = mostWaiting
  }

  /**
   * Reads once it is its turn.
   * @param begun whether an answer has been begun with it, which nothing may cut short: it waits however many do
   * @throws Problem `rate_limited` where too many wait already
   */
  async read<Result>(work: () => Promise<Result>, begun = false): Promise<Result> {
    if (this.#running < this.#atOnce) this.#running += 1
    else {
      if (!begun && this.#waiting.length >= this.#mostWaiting) throw tooMany()
      // Who ends hands its place on.
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running -= 1
    }
  }

  /** The same parts, each read when it is its turn; between two of them others have theirs. */
  async *parts<Part>(source: AsyncIterable<Part>): AsyncGenerator<Part> {
    const parts = source[Symbol.asyncIterator]()
    try {
      for (;;) {
        const part = await this.read(() => parts.next(), true)
        if (part.done === true) return
        yield part.value
      }
    } finally {
      await parts.return?.()
    }
  }
}

function tooMany(): Problem {
  return new Problem(
    'rate_limited',
    'Too many logs, exports and figures are being read. Try again in a second, or ask for less at once.',
    undefined,
    { retry_after: 1 },
  )
}
