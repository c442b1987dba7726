import { bucketLatency, latencyBucket, percentile } from '../../src/record/latency-buckets.ts'

/** The nearest rank, by definition: the value at position ⌈19n/20⌉. */
function exactP95(durations: readonly number[]): number {
  const sorted = [...durations].sort((a, b) => a - b)
  return sorted[Math.ceil((sorted.length * 19) / 20) - 1] ?? 0
}

function bucketedP95(durations: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const duration of durations) {
    const bucket = latencyBucket(duration)
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }
  return percentile(counts, 0.95)
}

/** Numbers from 0 to 1 that are the same in each run (Park and Miller). */
function* randoms(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (state * 48_271) % 2_147_483_647
    yield state / 2_147_483_647
  }
}

function sample(count: number, seed: number, shape: (random: number) => number): number[] {
  const source = randoms(seed)
  return Array.from({ length: count }, () => Math.round(shape(source.next().value)))
}

describe('a latency bucket', () => {
  it('stands for each of its latencies within 1%', () => {
    const far = sample(50_000, 7, random => 200_000 + random * 900_000_000)
    const near = Array.from({ length: 200_000 }, (_, duration) => duration)
    const off = [...near, ...far].filter(
      duration => Math.abs(bucketLatency(latencyBucket(duration)) - duration) > duration * 0.01,
    )
    expect(off).toEqual([])
  })

  it('is exact up to 50 ms', () => {
    for (let duration = 0; duration <= 50; duration += 1)
      expect(bucketLatency(latencyBucket(duration))).toBe(duration)
  })

  it('never falls as latencies grow', () => {
    const falls = Array.from({ length: 100_000 }, (_, duration) => duration).filter(
      duration => latencyBucket(duration + 1) < latencyBucket(duration),
    )
    expect(falls).toEqual([])
  })
})

describe('the 95th percentile', () => {
  it.each([
    ['of equal latencies', sample(1000, 1, () => 777)],
    ['of an even spread', sample(10_000, 2, random => random * 5000)],
    ['of many short and few very long ones', sample(10_000, 3, random => 5 - 400 * Math.log(1 - random))],
    ['of two humps', sample(5000, 4, random => (random < 0.94 ? 12 : 8000 + random * 1000))],
    ['that falls on the edge of two humps', [...sample(95, 5, () => 10), ...sample(5, 6, () => 9000)]],
    ['just beyond the edge of two humps', [...sample(94, 5, () => 10), ...sample(6, 6, () => 9000)]],
    ['of latencies below a millisecond', sample(100, 8, () => 0)],
    ['of hours', sample(3000, 9, random => 3_600_000 * (1 + random * 30))],
  ])('%s is within 1% of the nearest rank', (_name, durations) => {
    const exact = exactP95(durations)
    expect(Math.abs(bucketedP95(durations) - exact)).toBeLessThanOrEqual(exact * 0.01)
  })

  it('takes the right rank for every number of latencies', () => {
    // One bucket a millisecond, each with one latency: the rank shows itself in the answer.
    const off: number[] = []
    for (let count = 1; count <= 50; count += 1) {
      const durations = Array.from({ length: count }, (_, index) => index + 1)
      if (bucketedP95(durations) !== exactP95(durations)) off.push(count)
    }
    // Two buckets of which the first holds just the rank, for numbers too large for the loop above.
    for (let count = 51; count <= 50_000; count += 1) {
      const rank = Math.ceil((count * 19) / 20)
      const counts = new Map([
        [1, rank],
        [2, count - rank],
      ])
      const onePast = new Map([
        [1, rank - 1],
        [2, count - rank + 1],
      ])
      if (percentile(counts, 0.95) !== 1 || percentile(onePast, 0.95) !== 2) off.push(count)
    }
    expect(off).toEqual([])
  })

  it('of nothing is 0', () => {
    expect(percentile(new Map(), 0.95)).toBe(0)
  })
})
