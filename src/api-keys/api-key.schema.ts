import { z } from 'zod'
import { instant, text } from '../http/validate.ts'

/** Body of a new API key. */
export const newApiKey = z.strictObject({
  data: z
    .strictObject({
      attributes: z
        .strictObject({
          note: text(500).default(''),
          expiresAt: instant.nullable().default(null),
        })
        .prefault({}),
    })
    .prefault({}),
})

export type NewApiKey = z.output<typeof newApiKey>['data']['attributes']
