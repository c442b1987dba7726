import { z } from 'zod'
import { dataOf } from '../http/operation.ts'
import { ACCESS_LEVELS } from '../platform/config.ts'
import { TOKEN_FORMATS } from '../resource-servers/token-format.ts'
import { CREDENTIAL_TYPES, USAGE_TYPES } from './pass.schema.ts'

const passOptions = z
  .object({
    accessLevels: z.array(
      z.object({
        name: z.enum(ACCESS_LEVELS),
        grantsPerMinute: z.int(),
        maxTokenTtlSeconds: z.int(),
        shownAs: z.enum(['standard', 'elevated']),
      }),
    ),
    usageTypes: z.array(z.enum(USAGE_TYPES)),
    credentialTypes: z.array(z.enum(CREDENTIAL_TYPES)),
    tokenFormats: z.array(z.enum(TOKEN_FORMATS)),
    scopes: z
      .array(z.object({ scope: z.string(), description: z.string() }))
      .meta({ description: 'Those with a description of their own; a pass may have others' }),
    resources: z
      .array(
        z.object({
          resource: z.string(),
          title: z.string(),
          verified: z.boolean().meta({ description: 'Whether tokens can name it yet' }),
          scopes: z
            .array(z.object({ name: z.string(), description: z.string() }))
            .meta({ description: 'The scopes that it knows' }),
        }),
      )
      .meta({
        description:
          'What passes of the project may list as `resources`; empty where there is no one project',
      }),
  })
  .meta({ id: 'PassOptions' })
export type PassOptions = z.output<typeof passOptions>

export const passOptionsAnswer = dataOf(passOptions)
