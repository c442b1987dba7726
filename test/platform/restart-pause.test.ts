import { nextPause } from '../../src/workers/restart-pause.ts'

it('a worker that ends again and again is waited for twice as long from one time to the next, 30 s at most', () => {
  const pauses = [0, 1, 2, 3, 8, 9, 10, 1000].map(quickEnds => nextPause(quickEnds, 1))
  expect(pauses).toEqual([100, 100, 200, 400, 12_800, 25_600, 30_000, 30_000])
})

it('half of the wait at most is left to chance', () => {
  expect([nextPause(3, 0), nextPause(3, 0.5), nextPause(3, 1)]).toEqual([200, 300, 400])
})
