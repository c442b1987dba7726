import { z } from 'zod'
import { resource, timestamp } from '../http/operation.ts'
import { SIGNING_ALGORITHMS } from '../platform/config.ts'

const alg = z.enum(SIGNING_ALGORITHMS, `must be one of ${SIGNING_ALGORITHMS.join(', ')}`)

/** The body of a rotation: the algorithm whose key is replaced. */
export const keyRotation = z.strictObject({
  data: z.strictObject({ attributes: z.strictObject({ alg: alg.default('ES256') }) }),
})

export const signingKeyResource = z
  .object({
    ...resource(
      'signing_key',
      z.object({
        alg,
        createdAt: timestamp,
        activeFrom: timestamp.meta({ description: 'From when on it signs; it is published before that' }),
        pulledAt: timestamp.nullable(),
      }),
    ).shape,
    id: z.string().meta({ description: 'The `kid`' }),
  })
  .meta({ id: 'SigningKey' })
export type SigningKeyResource = z.output<typeof signingKeyResource>
