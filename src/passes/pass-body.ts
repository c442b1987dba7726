import { z } from 'zod'
import { instant } from '../http/instants.ts'
import type { Fault } from '../http/problems.ts'
import { bodyFaults, validationFailed } from '../http/validate.ts'
import { type AccessLevel, accessLevelLimits } from '../platform/config.ts'
import type { Admission } from '../resource-servers/resource-server.service.ts'
import type { Jwks } from './jwks.schema.ts'
import type { Pass } from './pass.entity.ts'
import {
  fields,
  LIST_MAX,
  listedResource,
  type NewPass,
  newPass,
  type PassUpdate,
  passUpdate,
} from './pass.schema.ts'
import type { PassResource } from './pass-answer.schema.ts'
import { defaultEnd } from './pass-validity.ts'
import { changesIn, isReadOnly, readOnlyFaults } from './read-only.ts'

/** What the fields of a body are judged together with: the pass as it is, or the defaults of a new one. */
export interface PassContext {
  readonly validFrom: Date
  /** Undefined: it follows from `validFrom`. */
  readonly validUntil?: Date | null | undefined
  readonly accessLevel: AccessLevel
  readonly tokenTtl?: number | null | undefined
  readonly jwks?: Jwks | null | undefined
  /** Undefined: it gets one. */
  readonly hasSecret?: boolean
}

/** A pass that is to be changed. */
export interface ChangedPass {
  readonly pass: Pass
  readonly hasSecret: boolean
  /** As it is answered now. */
  readonly shown: PassResource
  readonly admit: Admission
}

/** Where a body has its fields: `{"sentinelPass": …}`, or as they are answered, `{"data":{"attributes": …}}`. */
const asAnswered = z.strictObject({
  data: z.strictObject({
    id: z.unknown().optional(),
    type: z.literal('studio_tool', 'is always studio_tool').optional(),
    attributes: z.unknown(),
  }),
})

const UNREGISTERED =
  'is no resource server of this project, nor one that its organization shares: register it first'

/** The resources that a body has, which has yet to be judged. @throws Problem `validation_failed` for no body of a pass */
export function sentResources(body: unknown): string[] {
  return resourcesIn(unwrap(body).sent).flatMap(resource => listedResource.safeParse(resource).data ?? [])
}

/**
 * The resources of a pass as their owners write them, each once. Those that it lists already may stay.
 * @throws Problem `validation_failed` that names the others
 */
export function admitted(
  resources: readonly string[],
  admit: Admission,
  listed: readonly string[] = [],
): string[] {
  const faults = resourceFaults(resources, admit, listed)
  if (faults.length > 0) throw validationFailed(faults)
  return [...new Set(resources.map(resource => admit(resource) ?? resource))]
}

/**
 * @param now when the pass is made
 * @throws Problem `validation_failed` with every fault of the body, those between fields included
 */
export function parseNewPass(body: unknown, now: Date, admit: Admission): NewPass {
  const context = { validFrom: now, accessLevel: 'standard', tokenTtl: null } as const
  const { sent, inPlace } = unwrap(body)
  const parsed = newPass.safeParse(sent)
  const faults = parsed.success ? [] : bodyFaults(parsed.error.issues).map(namingReadOnly)
  faults.push(...resourceFaults(resourcesIn(sent), admit, []), ...faultsBetweenFields(sent, context, now))
  if (!parsed.success || faults.length > 0) throw validationFailed(inPlace(faults))
  const { expiresAt, visibility: _visibility, ...rest } = parsed.data.sentinelPass
  return expiresAt === undefined ? rest : { ...rest, validUntil: expiresAt }
}

/**
 * Reads what is to be changed. Of what an answer shows and nobody sets, all may come back that is as it was answered.
 * @throws Problem `validation_failed` with every fault of the body, those between fields included
 */
export function parsePassUpdate(
  body: unknown,
  { pass, hasSecret, shown, admit }: ChangedPass,
  now: Date,
): PassUpdate {
  const { sent, inPlace } = unwrap(body)
  const context: PassContext = { ...pick(pass), hasSecret }
  const settable = changesIn(sent, defaultsShown(pass, shown))
  const parsed = passUpdate.safeParse(settable)
  const faults = parsed.success ? [] : bodyFaults(parsed.error.issues)
  faults.push(
    ...readOnlyFaults(sent, shown),
    ...resourceFaults(resourcesIn(settable), admit, pass.resources),
    ...faultsBetweenFields(settable, context, now),
  )
  if (!parsed.success || faults.length > 0) throw validationFailed(inPlace(faults))
  const { expiresAt, visibility: _visibility, ...rest } = parsed.data.sentinelPass
  const end = theOneMeant(rest.validUntil, expiresAt, context.validUntil)
  return end === undefined ? rest : { ...rest, validUntil: end }
}

function pick({ validFrom, validUntil, accessLevel, tokenTtl, jwks }: Pass): PassContext {
  return { validFrom, validUntil: validUntil ?? null, accessLevel, tokenTtl, jwks }
}

/** What is answered of fields that were never set: it comes back as nothing said. */
function defaultsShown({ tokenTtl, organizationName }: Pass, { attributes }: PassResource) {
  return {
    ...((tokenTtl ?? null) === null ? { tokenTtl: attributes.tokenTtl } : {}),
    ...((organizationName ?? null) === null ? { organization: attributes.organization } : {}),
  }
}

interface Unwrapped {
  readonly sent: unknown
  /** Names faults by where the body has its fields. */
  readonly inPlace: (faults: readonly Fault[]) => Fault[]
}

function unwrap(body: unknown): Unwrapped {
  const isAnswer = z.looseObject({ data: z.unknown() }).safeParse(body)
  if (!isAnswer.success || 'sentinelPass' in isAnswer.data)
    return { sent: body, inPlace: faults => [...faults] }
  const envelope = asAnswered.safeParse(body)
  if (!envelope.success) throw validationFailed(bodyFaults(envelope.error.issues))
  const { id, attributes } = envelope.data.data
  const isObject = typeof attributes === 'object' && attributes !== null && !Array.isArray(attributes)
  return {
    sent: { sentinelPass: isObject && id !== undefined ? { ...attributes, id } : attributes },
    inPlace: faults =>
      faults.map(fault =>
        'pointer' in fault
          ? {
              ...fault,
              pointer: fault.pointer
                .replace(/^\/sentinelPass/, '/data/attributes')
                .replace(/^\/data\/attributes\/id$/, '/data/id'),
            }
          : fault,
      ),
  }
}

const withResources = z.object({ sentinelPass: z.object({ resources: z.array(z.unknown()).max(LIST_MAX) }) })

/** None where there are more than a pass can list, which is fault enough. */
function resourcesIn(sent: unknown): readonly unknown[] {
  const parsed = withResources.safeParse(sent)
  return parsed.data?.sentinelPass.resources ?? []
}

/** Of those that are resources by their form: what the others lack is said of them by the field's own schema. */
function resourceFaults(resources: readonly unknown[], admit: Admission, listed: readonly string[]): Fault[] {
  return resources.flatMap((resource, index) => {
    const { data: uri } = listedResource.safeParse(resource)
    return uri === undefined || listed.includes(uri) || admit(uri) !== undefined
      ? []
      : [{ pointer: `/sentinelPass/resources/${index}`, detail: UNREGISTERED }]
  })
}

function namingReadOnly(fault: Fault): Fault {
  if (!('pointer' in fault)) return fault
  const [, , name = '', ...deeper] = fault.pointer.split('/')
  return isReadOnly(name) && deeper.length === 0
    ? { ...fault, detail: 'is read-only: leave it out of a new pass' }
    : fault
}

/** Of an end under its two names: where one says what the pass has already, the other one is meant. */
function theOneMeant<End extends Date | null | undefined>(one: End, other: End, current: End): End {
  if (one === undefined) return other
  return other === undefined || sameEnd(other, current) ? one : other
}

function sameEnd(one: Date | null | undefined, other: Date | null | undefined): boolean {
  return one?.getTime() === other?.getTime() && (one === null) === (other === null)
}

// Judged on each field that is good by itself, so that these faults come together with those of other fields.
function faultsBetweenFields(body: unknown, context: PassContext, now: Date): Fault[] {
  const sent = z.object({ sentinelPass: z.record(z.string(), z.unknown()) }).safeParse(body)
  if (!sent.success) return []
  const raw = sent.data.sentinelPass
  const good = <Output>(schema: z.ZodType<Output>, name: string): Output | undefined =>
    name in raw ? schema.safeParse(raw[name]).data : undefined
  return [
    ...faultsOfTime(good, context, now),
    ...faultsOfLifetime(good, context),
    ...faultsOfKeys(good, context),
  ]
}

type GoodField = <Output>(schema: z.ZodType<Output>, name: string) => Output | undefined

function faultsOfTime(good: GoodField, context: PassContext, now: Date): Fault[] {
  const faults: Fault[] = []
  const validUntil = good(fields.validUntil, 'validUntil')
  const expiresAt = good(fields.expiresAt, 'expiresAt')
  const isOneOld = [validUntil, expiresAt].some(end => end !== undefined && isCurrent(end, context))
  if (validUntil !== undefined && expiresAt !== undefined && !sameEnd(validUntil, expiresAt) && !isOneOld)
    faults.push({
      pointer: '/sentinelPass/expiresAt',
      detail: 'differs from validUntil, which is the same field; send one of them',
    })

  const sentFrom = good(fields.validFrom, 'validFrom')
  const from = sentFrom ?? context.validFrom
  const isExpiresAt = expiresAt !== undefined && !(validUntil !== undefined && isCurrent(expiresAt, context))
  const [until, untilName] = isExpiresAt ? [expiresAt, 'expiresAt'] : [validUntil, 'validUntil']
  const isSent = until !== undefined && !isCurrent(until, context)
  const effectiveUntil = until === undefined ? context.validUntil : until
  const isMoved = isSent || (sentFrom !== undefined && sentFrom.getTime() !== context.validFrom.getTime())
  if (effectiveUntil && isMoved && effectiveUntil <= from)
    faults.push(
      isSent
        ? {
            pointer: `/sentinelPass/${untilName}`,
            detail: `must lie after validFrom, which is ${from.toISOString()}`,
          }
        : {
            pointer: '/sentinelPass/validFrom',
            detail: `must lie before validUntil, which is ${effectiveUntil.toISOString()}`,
          },
    )
  else if (effectiveUntil && isSent && effectiveUntil <= now)
    faults.push({
      pointer: `/sentinelPass/${untilName}`,
      detail:
        'has passed: nobody could use the pass. Choose an end in the future; what stops a pass is to revoke it',
    })

  if (effectiveUntil === undefined && !instant.safeParse(defaultEnd(from, now).toISOString()).success)
    faults.push({
      pointer: '/sentinelPass/validFrom',
      detail: 'lies less than a year before the end of 9999; send validUntil with it',
    })
  return faults
}

function isCurrent(end: Date | null, { validUntil }: PassContext): boolean {
  return validUntil !== undefined && sameEnd(end, validUntil)
}

function faultsOfLifetime(good: GoodField, context: PassContext): Fault[] {
  const level = good(fields.accessLevel, 'accessLevel') ?? context.accessLevel
  const sentTtl = good(fields.tokenTtl, 'tokenTtl')
  const ttl = sentTtl === undefined ? context.tokenTtl : sentTtl
  const longest = accessLevelLimits[level].maxTokenTtlSeconds
  if (typeof ttl !== 'number' || ttl <= longest) return []
  return [
    sentTtl === undefined
      ? {
          pointer: '/sentinelPass/accessLevel',
          detail: `allows tokens of ${longest} seconds at most, and tokenTtl is ${ttl}: send a shorter one with it, or null for the longest`,
        }
      : {
          pointer: '/sentinelPass/tokenTtl',
          detail: `must be at most ${longest} seconds, which is what the access level ${level} allows`,
        },
  ]
}

function faultsOfKeys(good: GoodField, { jwks, hasSecret = true }: PassContext): Fault[] {
  if (good(fields.jwks, 'jwks') !== null || !jwks || hasSecret) return []
  return [
    {
      pointer: '/sentinelPass/jwks',
      detail: 'is all that the pass proves itself by: rotate it first, which gives it a secret',
    },
  ]
}
