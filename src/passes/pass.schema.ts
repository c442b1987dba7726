import { z } from 'zod'
import { scopeToken } from '../access/scopes.ts'
import { isUuid } from '../http/ids.ts'
import { endInstant, instant } from '../http/instants.ts'
import { cursorByTime, page, pagesInReach, perPage } from '../http/pagination.ts'
import { booleanParameter, keptText, text } from '../http/validate.ts'
import { ACCESS_LEVELS } from '../platform/config.ts'
import { TOKEN_FORMATS } from '../resource-servers/token-format.ts'
import { jwks } from './jwks.schema.ts'
import { isPassStatus, PASS_STATUSES } from './pass-validity.ts'

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

const TITLE = /^[\p{L}\p{M}\p{Nd} ]+$/u
const PASS_ID = /^SP-\d{4}-[A-Z0-9]{6}$/
const REFERER_PATTERN = /^[\x21-\x7e]+$/
const FREE_TEXT_MAX = 2000
export const LIST_MAX = 100

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

/** A field that `null` empties. */
function clearable<Output, Empty extends Output>(schema: z.ZodType<Output>, empty: () => Empty) {
  return schema.nullable().transform(value => value ?? empty())
}

/** What a title like this one could be; undefined where nothing is left of it. */
function titleLike(value: string): string | undefined {
  const words = value
    .normalize('NFC')
    .split(/[^\p{L}\p{M}\p{Nd}]+/u)
    .filter(Boolean)
  return words.length > 0 ? words.join(' ') : undefined
}

/** A list without repetitions. */
function list<Item extends z.ZodType<string>>(item: Item) {
  return z
    .array(item)
    .max(LIST_MAX, `must have ${LIST_MAX} entries at most`)
    .transform(values => [...new Set(values)])
}

/** One of the resources that a pass lists. */
export const listedResource = keptText(500).refine(
  isResource,
  'must be an absolute URI without a fragment (RFC 8707)',
)

/** An array, or the same as a string with commas or spaces between. */
const scopeList = z
  .preprocess(
    value => (typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : value),
    list(scopeToken),
  )
  // What is read of a list is in the schema already; the string is taken apart before it.
  .meta({ type: ['array', 'string'] })

/** What can be set of a pass. `null` empties a field, or has it be what it is when nothing is said of it. */
export const fields = {
  title: keptText(100)
    .trim()
    .min(1, 'must not be empty')
    .regex(TITLE, {
      error: ({ input }) => {
        const like = typeof input === 'string' ? titleLike(input) : undefined
        return `must consist of letters, digits and spaces${like === undefined ? '' : `: “${like}” would do`}`
      },
    })
    .normalize('NFC'),
  agentType: keptText(100)
    .transform(normalizeAgentType)
    .refine(value => value !== '', 'must have a letter or a digit')
    .nullable(),
  description: clearable(keptText(FREE_TEXT_MAX), () => ''),
  integrationNotes: clearable(keptText(FREE_TEXT_MAX), () => ''),
  passId: z.string().regex(PASS_ID, 'must look like SP-2030-A1B2C3'),
  accessLevel: z.enum(ACCESS_LEVELS, `must be one of ${ACCESS_LEVELS.join(', ')}`),
  organization: keptText(100).trim().min(1, 'must not be empty').nullable(),
  usageType: z.enum(USAGE_TYPES, `must be one of ${USAGE_TYPES.join(', ')}`),
  validFrom: instant,
  validUntil: endInstant.nullable(),
  expiresAt: endInstant.nullable(),
  permissions: scopeList,
  scopes: scopeList,
  allowedReferers: clearable(
    list(keptText(500).regex(REFERER_PATTERN, 'must be a pattern such as https://app.example.com/*')),
    () => [],
  ),
  credentialType: z.enum(CREDENTIAL_TYPES, `must be one of ${CREDENTIAL_TYPES.join(', ')}`),
  entityType: keptText(100).trim().min(1, 'must not be empty').nullable(),
  entityId: keptText(200).trim().min(1, 'must not be empty').nullable(),
  tags: clearable(
    list(
      keptText(50)
        .trim()
        .min(1, 'must not be empty')
        .refine(value => !value.includes(','), 'must not have a comma')
        .normalize('NFC'),
    ),
    () => [],
  ),
  tokenFormat: z.enum(TOKEN_FORMATS, `must be one of ${TOKEN_FORMATS.join(', ')}`),
  tokenTtl: z.int().min(1, 'must be 1 second or more').nullable(),
  resources: clearable(list(listedResource), () => []),
  allowedIps: clearable(
    list(
      z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
        error: 'must be an IP address or a CIDR range, such as 203.0.113.0/24',
      }),
    ),
    () => [],
  ),
  jwks: jwks.nullable(),
  visibility: z.literal('privately_visible', 'is always privately_visible'),
  active: z.boolean(),
  endsWithCreator: z
    .boolean()
    .meta({ description: 'Of a pass that a pass made: whether it lasts no longer than that one' }),
}

function isResource(value: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]*:/.test(value) && URL.canParse(value) && !value.includes('#')
}

export const optionalFields = z.strictObject(fields).partial()
const newFields = optionalFields.required({ title: true })

/** The body of an update: the fields that are sent are changed. */
export const passUpdate = z.strictObject({ sentinelPass: optionalFields })
/** The body of a creation. */
export const newPass = z.strictObject({ sentinelPass: newFields })

export type PassUpdate = Omit<z.output<typeof optionalFields>, 'expiresAt' | 'visibility'>
export type NewPass = PassUpdate & { title: string }

export const SORT_FIELDS = [
  'createdAt',
  'updatedAt',
  'title',
  'validUntil',
  'lastUsedAt',
  'usageCount',
] as const
export type SortField = (typeof SORT_FIELDS)[number]

/** A list with commas between, or the parameter more than once. */
const several = z.union([text(1000), z.array(text(1000)).max(LIST_MAX)]).transform(value =>
  [value]
    .flat()
    .flatMap(part => part.split(','))
    .map(part => part.trim())
    .filter(Boolean),
)

/** The query of the list of passes. */
export const passQuery = z
  .strictObject({
    active: booleanParameter.optional(),
    credential_type: z.enum(CREDENTIAL_TYPES).optional(),
    agent_type: text(100).transform(normalizeAgentType).optional(),
    access_level: z.enum(ACCESS_LEVELS).optional(),
    usage_type: z.enum(USAGE_TYPES).optional(),
    client_id: text(100).optional(),
    agent_user_id: z.guid('must be a UUID').toLowerCase().optional(),
    owner: text(254)
      .trim()
      .toLowerCase()
      .refine(value => isUuid(value) || value.includes('@'), 'must be a UUID or the email address of a user')
      .optional()
      .describe('Who made them: the id of a user, an API key or a pass, or the email address of a user'),
    created_by_pass: z
      .string()
      .refine(value => isUuid(value) || isPassId(value), 'must be the UUID of a pass, or its passId')
      .optional()
      .describe('The pass that made them: its UUID or its `passId`'),
    search: text(200)
      .normalize('NFC')
      .optional()
      .describe(
        'A part of the title in any case, or what a passId, client id or agent user id begins with, from 4 characters',
      ),
    tags: several
      .transform(tags => tags.map(tag => tag.normalize('NFC')))
      .optional()
      .describe('Divided by commas: those that have all of them'),
    status: several
      .refine(values => values.every(isPassStatus), `must be of ${PASS_STATUSES.join(', ')}`)
      .transform(values => values.filter(isPassStatus))
      .optional()
      .describe('One or several, divided by commas; `active` are also those that are `expiring`'),
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
    .default(0)
    .describe('How long the secret that there is lives on'),
  endGrace: z
    .boolean()
    .default(false)
    .describe('Whether a secret that is in its grace period already may be ended by this'),
  revokeTokens: z.boolean().default(false).describe('Whether all live tokens of the pass end as well'),
})
export type Rotation = z.output<typeof rotation>

/** The query of the end of a secret. */
export const endOfSecret = z.strictObject({
  revoke_tokens: booleanParameter
    .default(false)
    .describe('Whether all live tokens of the pass end as well: which of them it fetched is not told apart'),
})

/** The body of a revocation. */
export const revocation = z.strictObject({ revokeTokens: z.boolean().default(false) })
