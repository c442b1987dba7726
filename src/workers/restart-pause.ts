/** A worker that has served for so long ended for a reason of its own, and not for one that is there at each start. */
export const STEADY_AFTER_MS = 30_000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 30_000

/**
 * How long to wait before a worker is started in the place of one that has ended: twice as long from one to the next, and
 * for a part of it by chance, so that the processes of many machines do not come back at once.
 * @param quickEnds how many in a row had not served for long; 0: it had
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function nextPause(quickEnds: number, random: number = Math.random()): number {
  const whole = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, quickEnds - 1))
  return Math.round(whole * (0.5 + random / 2))
}
