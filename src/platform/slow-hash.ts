import argon2 from 'argon2'
import { traced } from './tracing.ts'

/** What one hash costs; the default in `config/argon2id.json` is OWASP's. */
export interface SlowHashCost {
  readonly memoryCostKiB: number
  /** Passes over the memory. */
  readonly timeCost: number
  readonly parallelism: number
}

/** argon2id (RFC 9106), for secrets at rest. A hash carries its own cost, so that a change of it spoils none. */
export class SlowHash {
  readonly #options: argon2.HashOptions
  readonly #observe: (seconds: number) => void
  #running = 0

  /** @param observe told of each hash, how long it took */
  constructor(cost: SlowHashCost, observe: (seconds: number) => void = () => {}) {
    this.#observe = observe
    const { memoryCostKiB, timeCost, parallelism } = cost
    this.#options = { type: argon2.argon2id, memoryCost: memoryCostKiB, timeCost, parallelism }
  }

  hash(secret: string): Promise<string> {
    return this.#timed(() => argon2.hash(secret, this.#options))
  }

  verify(hash: string, secret: string): Promise<boolean> {
    return this.#timed(() => argon2.verify(hash, secret))
  }

  /** Hashes that are being made or wait for a thread. */
  get running(): number {
    return this.#running
  }

  async #timed<Result>(work: () => Promise<Result>): Promise<Result> {
    const started = performance.now()
    this.#running += 1
    try {
      return await traced('argon2id', work)
    } finally {
      this.#running -= 1
      this.#observe((performance.now() - started) / 1000)
    }
  }
}
