import { z } from 'zod'
import { endInstant, instant } from '../http/instants.ts'
import { cursorByTime, page, pagesInReach, perPage } from '../http/pagination.ts'
import type { Fault } from '../http/problems.ts'
import { bodyFaults, booleanParameter, text, validationFailed } from '../http/validate.ts'
import { ACCESS_LEVELS, type AccessLevel, accessLevelLimits } from '../platform/config.ts'
import { jwks } from './jwks.schema.ts'
import { oneYearAfter, PASS_STATUSES } from './pass-validity.ts'

export const USAGE_TYPES = [
  'ai_assistant',
  'automation_tool',
  'integration_service',
  'mcp_server',
  'api_client',
  'data_processor',
  'monitoring_system',
  'other',
] as const
export type UsageType = (typeof USAGE_TYPES)[number]

export const CREDENTIAL_TYPES = ['api_key', 'oauth_client', 'token'] as const
export type CredentialType = (typeof CREDENTIAL_TYPES)[number]

export const TOKEN_FORMATS = ['opaque', 'jwt'] as const
export type TokenFormat = (typeof TOKEN_FORMATS)[number]

const TITLE = /^[\p{L}\p{M}\p{Nd} ]+$/u
/** RFC 6749 section 3.3: printable ASCII without space, quote and backslash. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/
const PASS_ID = /^SP-\d{4}-[A-Z0-9]{6}$/
const REFERER_PATTERN = /^[\x21-\x7e]+$/
const FREE_TEXT_MAX = 2000
const LIST_MAX = 100

/** Whether a value can name a pass in a path, as its `passId`. */
export function isPassId(value: string): boolean {
  return PASS_ID.test(value)
}

/** `Sourcing Agent` becomes `sourcing_agent`. */
export function normalizeAgentType(value: string): string {
  return value
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{Nd}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
}

/** A list without repetitions. */
function list<Item extends z.ZodType<string>>(item: Item) {
  return z
    .array(item)
    .max(LIST_MAX, `must have ${LIST_MAX} entries at most`)
    .transform(values => [...new Set(values)])
}

const scopeToken = z
  .string()
  .max(100, 'must have 100 characters at most')
  .regex(
    SCOPE_TOKEN,
    'must be a scope token: printable ASCII without space, quote or backslash, such as read:data',
  )

/** An array, or the same as a string with commas or spaces between. */
const scopeList = z
  .preprocess(
    value => (typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : value),
    list(scopeToken),
  )
  // What is read of a list is in the schema already; the string is taken apart before it.
  .meta({ type: ['array', 'string'] })

const fields = {
  title: text(100)
    .trim()
    .min(1, 'must not be empty')
    .regex(TITLE, 'must consist of letters, digits and spaces'),
  agentType: text(100)
    .transform(normalizeAgentType)
    .refine(value => value !== '', 'must have a letter or a digit'),
  description: text(FREE_TEXT_MAX),
  integrationNotes: text(FREE_TEXT_MAX),
  passId: z.string().regex(PASS_ID, 'must look like SP-2030-A1B2C3'),
  accessLevel: z.enum(ACCESS_LEVELS, `must be one of ${ACCESS_LEVELS.join(', ')}`),
  organization: text(100).trim().min(1, 'must not be empty'),
  usageType: z.enum(USAGE_TYPES, `must be one of ${USAGE_TYPES.join(', ')}`),
  validFrom: instant,
  validUntil: endInstant.nullable(),
  expiresAt: endInstant.nullable(),
  permissions: scopeList,
  scopes: scopeList,
  allowedReferers: list(
    z.string().max(500).regex(REFERER_PATTERN, 'must be a pattern such as https://app.example.com/*'),
  ),
  credentialType: z.enum(CREDENTIAL_TYPES, `must be one of ${CREDENTIAL_TYPES.join(', ')}`),
  entityType: text(100).trim().min(1, 'must not be empty'),
  entityId: text(200).trim().min(1, 'must not be empty'),
  tags: list(
    text(50)
      .trim()
      .min(1, 'must not be empty')
      .refine(value => !value.includes(','), 'must not have a comma'),
  ),
  tokenFormat: z.enum(TOKEN_FORMATS, `must be one of ${TOKEN_FORMATS.join(', ')}`),
  tokenTtl: z.int().min(1, 'must be 1 second or more').nullable(),
  resources: list(text(500).refine(isResource, 'must be an absolute URI without a fragment (RFC 8707)')),
  allowedIps: list(
    z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
      error: 'must be an IP address or a CIDR range, such as 203.0.113.0/24',
    }),
  ),
  jwks: jwks.nullable(),
  visibility: z.literal('privately_visible', 'is always privately_visible'),
  active: z.boolean(),
}

function isResource(value: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:/.test(value) && URL.canParse(value) && !value.includes('#')
}

const optionalFields = z.strictObject(fields).partial()
const newFields = optionalFields.required({ title: true })

/** The body of an update: the fields that are sent are changed. */
export const passUpdate = z.strictObject({ sentinelPass: optionalFields })
/** The body of a creation. */
export const newPass = z.strictObject({ sentinelPass: newFields })

export type PassUpdate = Omit<z.output<typeof optionalFields>, 'expiresAt' | 'visibility'>
export type NewPass = PassUpdate & { title: string }

/** What the fields of a body are judged together with: the pass as it is, or the defaults of a new one. */
export interface PassContext {
  readonly validFrom: Date
  /** Undefined: it follows from `validFrom`. */
  readonly validUntil?: Date | null | undefined
  readonly accessLevel: AccessLevel
  readonly tokenTtl?: number | null | undefined
}

/** @throws Problem `validation_failed` with every fault of the body, those between fields included */
export function parseNewPass(body: unknown, context: PassContext): NewPass {
  return parsePass(newPass, body, context)
}

/** @throws Problem `validation_failed` with every fault of the body, those between fields included */
export function parsePassUpdate(body: unknown, context: PassContext): PassUpdate {
  return parsePass(passUpdate, body, context)
}

function parsePass<Fields extends z.output<typeof optionalFields>>(
  schema: z.ZodType<{ sentinelPass: Fields }>,
  body: unknown,
  context: PassContext,
): Omit<Fields, 'expiresAt' | 'visibility'> {
  const parsed = schema.safeParse(body)
  const faults = parsed.success ? [] : bodyFaults(parsed.error.issues)
  faults.push(...faultsBetweenFields(body, context))
  if (!parsed.success || faults.length > 0) throw validationFailed(faults)
  const { expiresAt, visibility: _visibility, ...rest } = parsed.data.sentinelPass
  return expiresAt === undefined ? rest : { ...rest, validUntil: expiresAt }
}

// Judged on each field that is good by itself, so that these faults come together with those of other fields.
function faultsBetweenFields(body: unknown, context: PassContext): Fault[] {
  const sent = z.object({ sentinelPass: z.record(z.string(), z.unknown()) }).safeParse(body)
  if (!sent.success) return []
  const raw = sent.data.sentinelPass
  const good = <Output>(schema: z.ZodType<Output>, name: string): Output | undefined =>
    name in raw ? schema.safeParse(raw[name]).data : undefined
  const faults: Fault[] = []

  const validUntil = good(fields.validUntil, 'validUntil')
  const expiresAt = good(fields.expiresAt, 'expiresAt')
  if (validUntil !== undefined && expiresAt !== undefined && validUntil?.getTime() !== expiresAt?.getTime())
    faults.push({
      pointer: '/sentinelPass/expiresAt',
      detail: 'differs from validUntil, which is the same field; send one of them',
    })

  const from = good(fields.validFrom, 'validFrom') ?? context.validFrom
  const [until, untilName] = expiresAt !== undefined ? [expiresAt, 'expiresAt'] : [validUntil, 'validUntil']
  const effectiveUntil = until === undefined ? context.validUntil : until
  if (effectiveUntil && effectiveUntil.getTime() <= from.getTime())
    faults.push(
      until === undefined
        ? {
            pointer: '/sentinelPass/validFrom',
            detail: `must lie before validUntil, which is ${effectiveUntil.toISOString()}`,
          }
        : {
            pointer: `/sentinelPass/${untilName}`,
            detail: `must lie after validFrom, which is ${from.toISOString()}`,
          },
    )

  if (effectiveUntil === undefined && !instant.safeParse(oneYearAfter(from).toISOString()).success)
    faults.push({
      pointer: '/sentinelPass/validFrom',
      detail: 'lies less than a year before the end of 9999; send validUntil with it',
    })

  const level = good(fields.accessLevel, 'accessLevel') ?? context.accessLevel
  const sentTtl = good(fields.tokenTtl, 'tokenTtl')
  const ttl = sentTtl === undefined ? context.tokenTtl : sentTtl
  const longest = accessLevelLimits[level].maxTokenTtlSeconds
  if (typeof ttl === 'number' && ttl > longest)
    faults.push(
      sentTtl === undefined
        ? {
            pointer: '/sentinelPass/accessLevel',
            detail: `allows tokens of ${longest} seconds at most, and tokenTtl is ${ttl}: send a shorter one with it, or null for the longest`,
          }
        : {
            pointer: '/sentinelPass/tokenTtl',
            detail: `must be at most ${longest} seconds, which is what the access level ${level} allows`,
          },
    )
  return faults
}

export const SORT_FIELDS = [
  'createdAt',
  'updatedAt',
  'title',
  'validUntil',
  'lastUsedAt',
  'usageCount',
] as const
export type SortField = (typeof SORT_FIELDS)[number]

/** The query of the list of passes. */
export const passQuery = z
  .strictObject({
    active: booleanParameter.optional(),
    credential_type: z.enum(CREDENTIAL_TYPES).optional(),
    search: text(200).optional(),
    tags: text(1000)
      .transform(value =>
        value
          .split(',')
          .map(tag => tag.trim())
          .filter(Boolean),
      )
      .optional(),
    status: z.enum(PASS_STATUSES).optional(),
    page,
    per_page: perPage,
    cursor: cursorByTime,
    sort_by: z.enum(SORT_FIELDS).default('createdAt'),
    sort_order: z.enum(['asc', 'desc']).default('desc'),
  })
  .superRefine(pagesInReach)
  .refine(query => query.cursor === undefined || query.sort_by === 'createdAt', {
    path: ['cursor'],
    error: 'goes with sort_by=createdAt alone',
  })
export type PassQuery = z.output<typeof passQuery>

const LONGEST_GRACE_SECONDS = 30 * 86_400

/** The body of a rotation. */
export const rotation = z.strictObject({
  gracePeriodSeconds: z
    .int()
    .min(0)
    .max(LONGEST_GRACE_SECONDS, 'must be 30 days (2592000) at most')
    .default(0),
})

/** The body of a revocation. */
export const revocation = z.strictObject({ revokeTokens: z.boolean().default(false) })
