/** Where the server takes the time from, so that a test can move it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** The same instant as a `Date`. */
  date(): Date
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  date: () => new Date(),
}
