/** Where a row of the log is, and the value that it is sorted by. */
export interface RowKey {
  readonly agent: string
  /** When it started, in milliseconds since the epoch. */
  readonly at: number
  readonly id: string
  /** null in the order of `at` alone, and where the row has no value. */
  readonly value: string | number | boolean | null
}

/** Keeps those of many keys that are the first in an order: by value, none last; then by time; then by id. */
export class FirstKeys {
  readonly #limit: number
  readonly #compare: (one: RowKey, other: RowKey) => number
  #keys: RowKey[] = []
  #sorted = 0

  constructor(limit: number, direction: 'asc' | 'desc') {
    this.#limit = limit
    const sign = direction === 'asc' ? 1 : -1
    this.#compare = (one, other) =>
      compareNulls(one.value, other.value) ||
      sign *
        (compareValues(one.value, other.value) ||
          one.at - other.at ||
          (one.id < other.id ? -1 : Number(one.id > other.id)))
  }

  add(key: RowKey): void {
    this.#keys.push(key)
    // Seldom: what is too much costs a little memory until then.
    if (this.#keys.length >= 2 * this.#limit + 100) this.#sort()
  }

  /** Whether a key without a value would be one of the first. */
  takes(at: number, id: string): boolean {
    if (this.#keys.length < this.#limit) return true
    const last = this.all().at(-1)
    return last === undefined || this.#compare({ agent: '', at, id, value: null }, last) < 0
  }

  /** The first ones, in their order. */
  all(): readonly RowKey[] {
    if (this.#sorted < this.#keys.length) this.#sort()
    return this.#keys
  }

  #sort(): void {
    this.#keys = this.#keys.sort(this.#compare).slice(0, this.#limit)
    this.#sorted = this.#keys.length
  }
}

function compareNulls(one: RowKey['value'], other: RowKey['value']): number {
  return Number(one === null) - Number(other === null)
}

/** As the embedded database does, whose texts are in the order of their bytes. */
function compareValues(one: RowKey['value'], other: RowKey['value']): number {
  if (one === other || one === null || other === null) return 0
  if (typeof one === 'string' && typeof other === 'string')
    return Buffer.compare(Buffer.from(one), Buffer.from(other))
  return Number(one) - Number(other)
}
