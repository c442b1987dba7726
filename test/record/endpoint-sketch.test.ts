import { countDistinct, EndpointSketch, endpointHash } from '../../src/record/endpoint-sketch.ts'

function hashes(count: number, prefix = '/items/', from = 0): bigint[] {
  return Array.from({ length: count }, (_, index) => endpointHash(`${prefix}${from + index}`))
}

/** Offers hashes as the recorder does, and keeps what has to be stored. */
function store(sketch: EndpointSketch, offered: readonly bigint[], stored: Set<bigint>): void {
  for (const hash of offered)
    if (sketch.isNews(hash)) {
      stored.add(hash)
      sketch.stored(hash)
    }
}

const PREFIXES = ['/items/', '/v1/api/users/', 'https/']

describe('the number of distinct endpoints', () => {
  it.each([0, 1, 2, 999, 1000])('is exact at %i', count => {
    const counted = Array.from({ length: 20 }, (_, index) => {
      const all = hashes(count, `/collection-${index}/`)
      const stored = new Set<bigint>()
      store(new EndpointSketch(), [...all, ...all], stored)
      return countDistinct(stored)
    })
    expect(new Set(counted)).toEqual(new Set([count]))
  })

  it.each(
    [1001, 1500, 5000, 20_000, 100_000].flatMap(count => PREFIXES.map(prefix => [count, prefix] as const)),
  )('is within 2%% at %i of %s', (count, prefix) => {
    const stored = new Set<bigint>()
    store(new EndpointSketch(), hashes(count, prefix), stored)
    expect(Math.abs(countDistinct(stored) - count)).toBeLessThanOrEqual(count * 0.02)
  })

  it('is the same from what is stored as from everything', () => {
    const all = hashes(20_000)
    const stored = new Set<bigint>()
    store(new EndpointSketch(), all, stored)
    expect(stored.size).toBeLessThan(all.length)
    expect(countDistinct(stored)).toBe(countDistinct(all))
  })

  it('of two nodes that saw parts of it is that of the whole', () => {
    const stored = new Set<bigint>()
    store(new EndpointSketch(), hashes(12_000), stored)
    store(new EndpointSketch(), hashes(12_000, '/items/', 8000), stored)
    expect(countDistinct(stored)).toBe(countDistinct(hashes(20_000)))
  })

  it('of two nodes with few each stays exact to 1,000', () => {
    const stored = new Set<bigint>()
    store(new EndpointSketch(), hashes(600), stored)
    store(new EndpointSketch(), hashes(600, '/items/', 400), stored)
    expect(countDistinct(stored)).toBe(1000)
  })
})

describe('a sketch', () => {
  it('has nothing to store of what it has seen', () => {
    const sketch = new EndpointSketch()
    const stored = new Set<bigint>()
    const all = hashes(30_000)
    store(sketch, all, stored)
    const before = stored.size
    expect(all.filter(hash => sketch.isNews(hash))).toEqual([])
    expect(stored.size).toBe(before)
  })

  it('offers a hash again until it is told that it is stored', () => {
    const sketch = new EndpointSketch()
    const hash = endpointHash('/items/1')
    expect([sketch.isNews(hash), sketch.isNews(hash)]).toEqual([true, true])
    sketch.stored(hash)
    expect(sketch.isNews(hash)).toBe(false)
  })

  it('needs ever fewer hashes as endpoints grow', () => {
    const sketch = new EndpointSketch()
    const stored = new Set<bigint>()
    const growth = [0, 1, 2, 3, 4].map(step => {
      const before = stored.size
      store(sketch, hashes(40_000, '/items/', step * 40_000), stored)
      return stored.size - before
    })
    expect(growth).toEqual([...growth].sort((a, b) => b - a))
    expect(stored.size).toBeLessThan(100_000)
  })
})
