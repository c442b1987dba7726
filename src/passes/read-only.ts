import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import type { Fault } from '../http/problems.ts'
import { fields } from './pass.schema.ts'
import { type PassResource, passResource } from './pass-answer.schema.ts'

const READ_ONLY: ReadonlySet<string> = new Set(
  ['id', 'type', ...Object.keys(passResource.shape.attributes.shape)].filter(
    name => !Object.hasOwn(fields, name),
  ),
)

/** The fields that may be sent back as they were read, for the description of a change. */
export const readOnlyFields = Object.fromEntries(
  [...READ_ONLY].map(name => [name, z.unknown().optional().meta({ readOnly: true })]),
)

/** Whether a field is one that answers show and nobody sets. */
export function isReadOnly(name: string): boolean {
  return READ_ONLY.has(name)
}

const envelope = z.looseObject({ sentinelPass: z.record(z.string(), z.unknown()) })

/**
 * A body without what nobody sets, and without what only says back what was answered of a field that was never set.
 * @param shown of such fields, by their names
 */
export function changesIn(body: unknown, shown: Readonly<Record<string, unknown>>): unknown {
  const parsed = envelope.safeParse(body)
  if (!parsed.success) return body
  const { sentinelPass, ...others } = parsed.data
  const settable = Object.entries(sentinelPass).filter(
    ([name, sent]) =>
      !isReadOnly(name) && !(Object.hasOwn(shown, name) && isDeepStrictEqual(sent, shown[name])),
  )
  return { ...others, sentinelPass: Object.fromEntries(settable) }
}

/** What of a body nobody sets, and is not as it is or, where use and time change it, as it can have been read. */
export function readOnlyFaults(body: unknown, { id, type, attributes }: PassResource): Fault[] {
  const parsed = envelope.safeParse(body)
  if (!parsed.success) return []
  const shown: Readonly<Record<string, unknown>> = { ...attributes, id, type }
  return Object.entries(parsed.data.sentinelPass)
    .filter(([name, sent]) => isReadOnly(name) && !(EARLIER[name] ?? isDeepStrictEqual)(sent, shown[name]))
    .map(([name]) => ({
      pointer: `/sentinelPass/${name}`,
      detail: 'is read-only: send it back as you read it, or leave it out',
    }))
}

type WasRead = (sent: unknown, shown: unknown) => boolean

/** A busy agent moves these between a read and the change that is made of it. */
const EARLIER: Readonly<Record<string, WasRead>> = {
  usageCount: (sent, shown) => typeof sent === 'number' && typeof shown === 'number' && sent <= shown,
  lastUsedAt: (sent, shown) => sent === null || isEarlierTime(sent, shown),
  updatedAt: isEarlierTime,
  secrets: (sent, shown) => isDeepStrictEqual(withoutUse(sent), withoutUse(shown)),
}

/** ISO 8601 in UTC is in the order of time. */
function isEarlierTime(sent: unknown, shown: unknown): boolean {
  if (sent === shown) return true
  return (
    typeof sent === 'string' && typeof shown === 'string' && sent < shown && !Number.isNaN(Date.parse(sent))
  )
}

function withoutUse(secrets: unknown): unknown {
  const parsed = z.array(z.record(z.string(), z.unknown())).safeParse(secrets)
  return parsed.success
    ? parsed.data.map(({ lastUsedAt: _at, lastUsedIp: _ip, ...secret }) => secret)
    : secrets
}
