import { z } from 'zod'
import { endInstant } from '../http/instants.ts'
import { resource, timestamp } from '../http/operation.ts'
import { text } from '../http/validate.ts'

/** Body of a new API key: one that has expired already would never work. @param now milliseconds since the epoch */
export function newApiKey(now: number) {
  const end = endInstant.refine(date => date.getTime() > now, 'must lie in the future')
  return z.strictObject({
    data: z
      .strictObject({
        attributes: z
          .strictObject({
            note: text(500).default(''),
            expiresAt: end.nullable().default(null),
          })
          .prefault({}),
      })
      .prefault({}),
  })
}

export type NewApiKey = z.output<ReturnType<typeof newApiKey>>['data']['attributes']

export const apiKeyResource = resource(
  'api_key',
  z.object({
    note: z.string(),
    createdAt: timestamp,
    lastUsedAt: timestamp.nullable(),
    expiresAt: timestamp.nullable(),
  }),
).meta({ id: 'ApiKey' })
export type ApiKeyResource = z.output<typeof apiKeyResource>

/** The key itself, in the answer that made it. */
export const newApiKeyAnswer = z.object({
  data: apiKeyResource,
  meta: z.object({ secretKey: z.string().meta({ description: 'Shown once' }) }),
})
