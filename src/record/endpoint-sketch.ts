import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** Up to here every distinct endpoint of a period is kept, and their number is exact. */
const EXACT_UP_TO = 1024
const PRECISION = 15
const REGISTERS = 1 << PRECISION
const REGISTER_SHIFT = BigInt(64 - PRECISION)
const HIGHEST_RANK = 64 - PRECISION + 1

// Most calls go to few endpoints.
const recent = new LRUCache<string, bigint>({ max: 10_000 })

/** 64 bits that stand for an endpoint, as PostgreSQL's `bigint` has them. */
export function endpointHash(endpoint: string): bigint {
  let value = recent.get(endpoint)
  if (value === undefined) {
    value = hash('sha256', endpoint, 'buffer').readBigInt64BE(0)
    recent.set(endpoint, value)
  }
  return value
}

function register(unsigned: bigint): number {
  return Number(unsigned >> REGISTER_SHIFT)
}

/** Position of the first 1 bit after those that chose the register. */
function rank(unsigned: bigint): number {
  const rest = BigInt.asUintN(64, unsigned << BigInt(PRECISION))
  return rest === 0n ? HIGHEST_RANK : 64 - rest.toString(2).length + 1
}

/**
 * Which endpoint hashes of a period have to be stored so that their distinct number can be told.
 *
 * The first 1,024 are; from then on only those that raise a register of a HyperLogLog (Flajolet et al., 2007) with
 * 2^15 registers. The registers computed from what is stored are the same as from everything, so the estimate is
 * too (standard error 0.6%), while the number of stored hashes stays bounded.
 */
export class EndpointSketch {
  readonly #known = new Set<bigint>()
  #ranks: Uint8Array | undefined

  /** Whether this hash adds something that is not yet known to be stored. */
  isNews(value: bigint): boolean {
    if (this.#known.has(value)) return false
    if (!this.#ranks) return true
    const unsigned = BigInt.asUintN(64, value)
    return rank(unsigned) > (this.#ranks[register(unsigned)] ?? 0)
  }

  /** Notes that a hash is stored: call it after the commit, so that a failed one is offered again. */
  stored(value: bigint): void {
    if (this.#ranks) this.#raise(this.#ranks, value)
    else {
      this.#known.add(value)
      if (this.#known.size >= EXACT_UP_TO) {
        this.#ranks = new Uint8Array(REGISTERS)
        for (const known of this.#known) this.#raise(this.#ranks, known)
      }
    }
  }

  #raise(ranks: Uint8Array, value: bigint): void {
    const unsigned = BigInt.asUintN(64, value)
    const index = register(unsigned)
    ranks[index] = Math.max(ranks[index] ?? 0, rank(unsigned))
  }
}

/** How many distinct endpoints the stored hashes stand for: exact to 1,000, within 2% beyond. */
export function countDistinct(hashes: Iterable<bigint>): number {
  const distinct = new Set(hashes)
  if (distinct.size < EXACT_UP_TO) return distinct.size
  const ranks = new Uint8Array(REGISTERS)
  for (const value of distinct) {
    const unsigned = BigInt.asUintN(64, value)
    const index = register(unsigned)
    ranks[index] = Math.max(ranks[index] ?? 0, rank(unsigned))
  }
  return Math.max(distinct.size, Math.round(estimate(ranks)))
}

/** Ertl's estimator for HyperLogLog registers (2017, algorithm 6): unbiased over the whole range, no tables. */
function estimate(ranks: Uint8Array): number {
  const counts = new Array<number>(HIGHEST_RANK + 1).fill(0)
  for (const value of ranks) counts[value] = (counts[value] ?? 0) + 1
  let z = REGISTERS * tau(1 - (counts[HIGHEST_RANK] ?? 0) / REGISTERS)
  for (let k = HIGHEST_RANK - 1; k >= 1; k -= 1) z = 0.5 * (z + (counts[k] ?? 0))
  z += REGISTERS * sigma((counts[0] ?? 0) / REGISTERS)
  return REGISTERS ** 2 / (2 * Math.LN2 * z)
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let [x, y, z, before] = [share, 1, share, -1]
  while (z !== before) {
    x *= x
    before = z
    z += x * y
    y += y
  }
  return z
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let [x, y, z, before] = [share, 1, 1 - share, -1]
  while (z !== before) {
    x = Math.sqrt(x)
    before = z
    y *= 0.5
    z -= (1 - x) ** 2 * y
  }
  return z / 3
}
