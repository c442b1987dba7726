/** What a pass can be, in the order in which the first that holds is its status. */
export const PASS_STATUSES = ['inactive', 'expired', 'scheduled', 'expiring', 'active'] as const
export type PassStatus = (typeof PASS_STATUSES)[number]

export function isPassStatus(value: string): value is PassStatus {
  return PASS_STATUSES.some(status => status === value)
}

const DAY_MS = 86_400_000
/** A pass with this much left, or less, is `expiring`. */
export const EXPIRING_WITHIN_MS = 30 * DAY_MS

interface Validity {
  readonly active: boolean
  readonly validFrom: Date
  readonly validUntil?: Date | null | undefined
}

/** @param now milliseconds since the epoch */
export function passStatus(pass: Validity, now: number): PassStatus {
  if (!pass.active) return 'inactive'
  if (pass.validUntil && pass.validUntil.getTime() <= now) return 'expired'
  if (pass.validFrom.getTime() > now) return 'scheduled'
  if (pass.validUntil && pass.validUntil.getTime() - now <= EXPIRING_WITHIN_MS) return 'expiring'
  return 'active'
}

/** Why a pass may not be used right now, for somebody who proved to be its agent; undefined when it may. */
export function whyUnusable(pass: Validity, now: number): string | undefined {
  switch (passStatus(pass, now)) {
    case 'inactive':
      return 'this Sentinel Pass is switched off; an admin of its project can activate it'
    case 'expired':
      return `this Sentinel Pass expired at ${pass.validUntil?.toISOString()}; an admin of its project can extend it`
    case 'scheduled':
      return `this Sentinel Pass is not valid before ${pass.validFrom.toISOString()}`
    default:
      return undefined
  }
}

/** One year after an instant, by the calendar. */
function oneYearAfter(start: Date): Date {
  const end = new Date(start)
  end.setUTCFullYear(end.getUTCFullYear() + 1)
  return end
}

/** When a pass ends of which no end was given: a year from when it begins, and not before a year from now. */
export function defaultEnd(validFrom: Date, now: Date): Date {
  return oneYearAfter(validFrom > now ? validFrom : now)
}

/** Whether one end comes after another; without an end it lasts for ever. */
export function isLater(end: Date | null | undefined, other: Date | null | undefined): boolean {
  if (!other) return false
  return !end || end > other
}
