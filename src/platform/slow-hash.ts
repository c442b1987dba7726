import argon2 from 'argon2'

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

  constructor(cost: SlowHashCost) {
    const { memoryCostKiB, timeCost, parallelism } = cost
    this.#options = { type: argon2.argon2id, memoryCost: memoryCostKiB, timeCost, parallelism }
  }

  hash(secret: string): Promise<string> {
    return argon2.hash(secret, this.#options)
  }

  verify(hash: string, secret: string): Promise<boolean> {
    return argon2.verify(hash, secret)
  }
}
