import { z } from 'zod'
import { instant, text } from '../http/validate.ts'

/** Body of a new API key: one that has expired already would never work. @param now milliseconds since the epoch */
export function newApiKey(now: number) {
  const end = instant.refine(date => date.getTime() > now, 'must lie in the future')
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
