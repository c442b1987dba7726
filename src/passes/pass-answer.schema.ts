import { z } from 'zod'
import { dataOf, pageOf, resource, timestamp, uuid } from '../http/operation.ts'
import { ACCESS_LEVELS } from '../platform/config.ts'
import { TOKEN_FORMATS } from '../resource-servers/token-format.ts'
import { CREDENTIAL_TYPES, USAGE_TYPES } from './pass.schema.ts'
import { PASS_STATUSES } from './pass-validity.ts'

/** A secret that is good now: never its value. */
const liveSecret = z.object({
  id: uuid,
  createdAt: timestamp,
  expiresAt: timestamp.nullable().meta({ description: 'The end of its grace period' }),
  lastUsedAt: timestamp.nullable(),
  lastUsedIp: z.string().nullable(),
})

export type LiveSecret = z.output<typeof liveSecret>

const jwk = z.object({
  kty: z.enum(['RSA', 'EC', 'OKP']),
  kid: z.string().optional(),
  alg: z.string().optional(),
  use: z.literal('sig').optional(),
  crv: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
  n: z.string().optional(),
  e: z.string().optional(),
})

/** A pass as it is answered. */
export const passResource = resource(
  'studio_tool',
  z.object({
    title: z.string(),
    description: z.string(),
    assetType: z.literal('security'),
    active: z.boolean(),
    status: z.enum(PASS_STATUSES),
    tags: z.array(z.string()),
    permissions: z.array(z.string()),
    scopes: z.array(z.string()),
    scopeDescriptions: z.record(z.string(), z.string()),
    capabilities: z.array(z.string()),
    allowedReferers: z.array(z.string()),
    allowedIps: z.array(z.string()),
    resources: z.array(z.string()),
    credentialType: z.enum(CREDENTIAL_TYPES),
    passId: z.string(),
    clientId: z.string(),
    agentUserId: uuid,
    agentType: z.string(),
    usageType: z.enum(USAGE_TYPES),
    accessLevel: z.enum(ACCESS_LEVELS),
    accessIndicator: z.enum(['standard', 'elevated', 'custom']),
    organization: z.string(),
    integrationNotes: z.string(),
    entityType: z.string(),
    entityId: z.string(),
    tokenFormat: z.enum(TOKEN_FORMATS),
    tokenTtl: z.int(),
    jwks: z.object({ keys: z.array(jwk) }).nullable(),
    visibility: z.literal('privately_visible'),
    createdBy: z
      .object({
        type: z.enum(['user', 'api_key', 'organization_key', 'pass']),
        id: uuid,
        name: z.string().nullable().meta({
          description: 'An email address, the note of a key, the title of a pass; null when they are gone',
        }),
      })
      .nullable()
      .meta({ description: 'null: it is not on record' }),
    endsWithCreator: z
      .boolean()
      .meta({ description: 'Whether it was made by a pass, and lasts no longer than that one' }),
    validFrom: timestamp,
    validUntil: timestamp.nullable(),
    expiresAt: timestamp.nullable().meta({ description: 'The same as validUntil' }),
    lastRotatedAt: timestamp.nullable(),
    lastUsedAt: timestamp.nullable(),
    usageCount: z.int().meta({ description: 'Authenticated uses since the creation' }),
    secrets: z.array(liveSecret).meta({ description: 'The live ones, newest first; never their values' }),
    createdAt: timestamp,
    updatedAt: timestamp,
  }),
).meta({ id: 'SentinelPass' })
export type PassResource = z.output<typeof passResource>

/** What a pass's agent needs to work, shown once. */
const credentials = z
  .object({
    clientId: z.string(),
    clientSecret: z.string().nullable(),
    agentUserId: uuid,
    apiBaseUrl: z.url(),
  })
  .meta({ id: 'Credentials', description: 'Shown once: no later answer has the secret' })
export type Credentials = Readonly<z.output<typeof credentials>>

const { id: secretId, ...secretAttributes } = liveSecret.shape
export const secretResource = z
  .object({ id: secretId, type: z.literal('pass_secret'), attributes: z.object(secretAttributes) })
  .meta({ id: 'PassSecret' })
export type SecretResource = z.output<typeof secretResource>
export const secretList = pageOf(secretResource)

export const passAnswer = dataOf(passResource)
export const passList = pageOf(passResource)
export const issuedPassAnswer = z.object({ data: passResource, meta: z.object({ credentials }) })
