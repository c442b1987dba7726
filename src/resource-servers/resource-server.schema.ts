import { z } from 'zod'
import { isOwnScope, scopeToken } from '../access/scopes.ts'
import { resource, timestamp } from '../http/operation.ts'
import { keptText } from '../http/validate.ts'
import { SIGNING_ALGORITHMS } from '../platform/config.ts'
import { parseResourceUri } from './resource-uri.ts'
import { TOKEN_FORMATS } from './token-format.ts'

const SCOPES_MAX = 100

const scope = z.strictObject({
  name: scopeToken
    .refine(name => !isOwnScope(name), 'is a scope of this server’s own API')
    .meta({ description: 'The scope as tokens have it', examples: ['entries:write'] }),
  description: keptText(200)
    .trim()
    .default('')
    .meta({ description: 'What it lets an agent do there, in words', examples: ['Post entries'] }),
})

const fields = {
  resource: keptText(500)
    .refine(
      value => parseResourceUri(value) !== undefined,
      'must be an absolute URI without user, fragment, spaces and backslashes (RFC 8707), such as https://ledger.example.com',
    )
    .meta({
      description: 'The URI that tokens name as their audience; it cannot be changed',
      examples: ['https://ledger.example.com'],
    }),
  title: keptText(100).trim().min(1, 'must not be empty').meta({ description: 'Its name, for people' }),
  tokenFormat: z
    .enum(TOKEN_FORMATS, `must be one of ${TOKEN_FORMATS.join(', ')}`)
    .nullable()
    .meta({ description: 'The form of the tokens for it; null: as the pass has it' }),
  signingAlg: z
    .enum(SIGNING_ALGORITHMS, `must be one of ${SIGNING_ALGORITHMS.join(', ')}`)
    .nullable()
    .meta({ description: 'What signs the JWTs for it; null: as the server has it' }),
  scopes: z
    .array(scope)
    .max(SCOPES_MAX, `must have ${SCOPES_MAX} entries at most`)
    .refine(
      scopes => new Set(scopes.map(({ name }) => name)).size === scopes.length,
      'must not name a scope twice',
    )
    .meta({
      description: 'The scopes that it knows, which are offered where passes are made',
      examples: [[{ name: 'entries:write', description: 'Post entries' }]],
    }),
  maxTokenTtl: z
    .int()
    .min(1, 'must be 1 second or more')
    .max(2_147_483_647)
    .nullable()
    .meta({ description: 'How many seconds a token for it lasts at most; null: as the pass has it' }),
  shared: z
    .boolean()
    .meta({ description: 'Whether passes of the organization’s other projects may name it too' }),
}

/** The fields of a new one; what is left out has its default. */
export const newResourceServerFields = z.strictObject({
  ...fields,
  title: fields.title.optional(),
  tokenFormat: fields.tokenFormat.default(null),
  signingAlg: fields.signingAlg.default(null),
  scopes: fields.scopes.default([]),
  maxTokenTtl: fields.maxTokenTtl.default(null),
  shared: fields.shared.default(false),
})
export type NewResourceServer = z.output<typeof newResourceServerFields>

/** The body that registers a resource server. */
export const newResourceServer = z.strictObject({
  data: z.strictObject({ attributes: newResourceServerFields }),
})

/** The body of a change: the fields that are sent are changed. */
export const resourceServerUpdate = z.strictObject({
  data: z.strictObject({ attributes: z.strictObject(fields).partial() }),
})
export type ResourceServerUpdate = z.output<typeof resourceServerUpdate>['data']['attributes']

export const resourceServerResource = resource(
  'resource_server',
  z.object({
    ...fields,
    verifiedAt: timestamp.nullable().meta({
      description: 'Since when it is known to be its owner’s; null: no token names it before it is verified',
    }),
    createdAt: timestamp,
    updatedAt: timestamp,
  }),
).meta({ id: 'ResourceServer' })
export type ResourceServerResource = z.output<typeof resourceServerResource>
