import { z } from 'zod'
import { hasSecret } from '../platform/masking.ts'
import './fault-words.ts'
import { type Fault, Problem } from './problems.ts'

/** Text that every store takes: well-formed Unicode without NUL. @param max code points */
export function text(max: number): z.ZodString {
  return z
    .string()
    .refine(value => value.isWellFormed() && !value.includes('\0'), 'must be well-formed text without NUL')
    .refine(value => [...value].length <= max, `must have ${max} characters at most`)
    .meta({ maxLength: max })
}

/** Text that is kept, and shown to whoever reads it: no secret is. @param max code points */
export function keptText(max: number): z.ZodString {
  return text(max).refine(
    value => !hasSecret(value),
    'has a secret or a token in it, which everybody who reads this would see: leave it out',
  )
}

/** A query parameter that is `true` or `false`. */
export const booleanParameter = z
  .enum(['true', 'false'])
  .transform(value => value === 'true')
  .meta({ type: 'boolean', enum: undefined })

/**
 * Parses a query.
 * @throws Problem `validation_failed` that names every fault by its parameter
 */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, query: unknown): z.output<Schema> {
  const parsed = schema.safeParse(query)
  if (parsed.success) return parsed.data
  const faults = issueFaults(parsed.error.issues).map(({ path, detail }) => ({
    parameter: path.join('.'),
    detail,
  }))
  throw validationFailed(faults)
}

/**
 * Parses a body.
 * @throws Problem `validation_failed` that names every fault by its JSON pointer
 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body)
  if (parsed.success) return parsed.data
  throw validationFailed(bodyFaults(parsed.error.issues))
}

/** The faults of a body by their JSON pointers (RFC 6901). */
export function bodyFaults(issues: readonly z.core.$ZodIssue[]): Fault[] {
  return issueFaults(issues).map(({ path, detail }) => ({ pointer: pointer(path), detail }))
}

export function validationFailed(faults: readonly Fault[]): Problem {
  const places = faults.map(fault => ('pointer' in fault ? fault.pointer || 'the body' : fault.parameter))
  return new Problem(
    'validation_failed',
    `Mend ${[...new Set(places)].join(', ')} and send it again.`,
    faults,
  )
}

interface IssueFault {
  readonly path: readonly PropertyKey[]
  readonly detail: string
}

function issueFaults(issues: readonly z.core.$ZodIssue[]): IssueFault[] {
  return issues.flatMap((issue): IssueFault[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(key => ({ path: [...issue.path, key], detail: 'is not known here' }))
    return [{ path: issue.path, detail: issue.message }]
  })
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map(part => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
