import { z } from 'zod'
import { pageOf, resource, timestamp } from '../http/operation.ts'

/** A live token: never its value. */
export const accessTokenResource = resource(
  'access_token',
  z.object({
    scopes: z.array(z.string()),
    resource: z.string().nullable().meta({ description: 'Where it is to be used (RFC 8707)' }),
    issuedAt: timestamp,
    expiresAt: timestamp,
  }),
).meta({ id: 'AccessToken' })
export type AccessTokenResource = z.output<typeof accessTokenResource>

export const accessTokenList = pageOf(accessTokenResource)
