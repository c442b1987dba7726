import { z } from 'zod'

const DAY_MS = 86_400_000
const FORM = 'must be ISO 8601, such as 2030-01-31T00:00:00Z, or a date such as 2030-01-31'
const NO_OFFSET = 'has no offset from UTC: end it with Z, or with one such as +02:00'

/** The date; then the time of day with seconds or without, and its offset. A space is a `+` that nobody encoded. */
const ISO_8601 =
  /^(?<date>\d{4}-\d\d-\d\d)(?:[Tt ](?<minutes>\d\d:\d\d)(?::(?<seconds>\d\d)(?:[.,](?<fraction>\d+))?)?(?<offset>[Zz]|[-+ ]\d\d(?::?\d\d)?)?)?$/

type Read = { readonly at: number; readonly wholeDay: boolean } | { readonly fault: string }

/**
 * Reads an instant as ISO 8601 writes it (RFC 3339 and its shorter forms): a date alone is its midnight in UTC, and a time
 * of day needs an offset. @returns milliseconds since the epoch, fractions of them cut off
 */
export function readInstant(value: string): Read {
  const { date, minutes, seconds = '00', fraction = '', offset } = ISO_8601.exec(value)?.groups ?? {}
  if (date === undefined) return { fault: FORM }
  if (minutes !== undefined && offset === undefined) return { fault: NO_OFFSET }
  const local = Date.parse(`${date}T${minutes ?? '00:00'}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}Z`)
  const behind = offsetMs(offset ?? 'Z')
  // A day that the month does not have is taken for one of the next.
  if (Number.isNaN(local) || behind === undefined || new Date(local).toISOString().slice(0, 10) !== date)
    return { fault: FORM }
  const at = local - behind
  if (at < 0 || new Date(at).getUTCFullYear() > 9999) return { fault: 'must lie between 1970 and 9999' }
  return { at, wholeDay: minutes === undefined }
}

/** How far the time of an offset is ahead of UTC; undefined for none that a clock has. */
function offsetMs(offset: string): number | undefined {
  if (/^z$/i.test(offset)) return 0
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(3).replace(':', ''))]
  if (hours > 23 || minutes > 59) return undefined
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

function instantOf(dayMs: 0 | typeof DAY_MS) {
  return z.string(FORM).transform((value, context) => {
    const read = readInstant(value)
    if (!('fault' in read)) return new Date(read.at + (read.wholeDay ? dayMs : 0))
    context.issues.push({ code: 'custom', message: read.fault, input: value })
    return z.NEVER
  })
}

/** The forms that tools know by name. */
const FORMATS = {
  anyOf: [
    { type: 'string', format: 'date-time' },
    { type: 'string', format: 'date' },
  ],
}

/** An instant: ISO 8601 with an offset, or a date alone, which is its midnight in UTC. From 1970 to 9999. */
export const instant = instantOf(0).meta({
  ...FORMATS,
  description: 'ISO 8601 with an offset from UTC, or a date alone, which is its first instant in UTC',
  examples: ['2030-01-31T00:00:00Z', '2030-01-31'],
})

/** The instant that something ends before: a date alone includes its day, so it is the midnight after it in UTC. */
export const endInstant = instantOf(DAY_MS).meta({
  ...FORMATS,
  description: 'ISO 8601 with an offset from UTC, or a date alone, which includes the whole day in UTC',
  examples: ['2030-02-01T00:00:00Z', '2030-01-31'],
})
