import type { Clock } from '../../src/platform/clock.ts'

/** A clock that stands still until a test moves it. */
export class TestClock implements Clock {
  #now: number

  constructor(start: string | number = '2030-01-15T10:20:30.000Z') {
    this.#now = new Date(start).getTime()
  }

  now(): number {
    return this.#now
  }

  date(): Date {
    return new Date(this.#now)
  }

  set(instant: string | number): void {
    this.#now = new Date(instant).getTime()
  }

  advance(duration: {
    days?: number
    hours?: number
    minutes?: number
    seconds?: number
    ms?: number
  }): void {
    const { days = 0, hours = 0, minutes = 0, seconds = 0, ms = 0 } = duration
    this.#now += (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + ms
  }
}
