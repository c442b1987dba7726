import { setTimeout as delay } from 'node:timers/promises'

/** However long somebody's turn took, others have as long until the next one, but no longer than this. */
const LONGEST_REST_MS = 10

/** One piece of work after the other, and after each as much time for all else as it took: what is costly has half at most. */
export class Turns {
  #free: Promise<unknown> = Promise.resolve()

  /** Does its work when it is its turn. */
  take<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#free.then(async () => {
      const begun = performance.now()
      const result = Promise.try(work)
      const rest = result
        .catch(() => {})
        .then(() => delay(Math.min(performance.now() - begun, LONGEST_REST_MS)))
      return { result, rest }
    })
    this.#free = done.then(({ rest }) => rest)
    return done.then(({ result }) => result)
  }
}
