import { organizationOf } from '../access/place.ts'
import type { AccessContext } from '../access/principal.ts'
import type { RouteName } from '../access/rules.ts'
import type { ProblemCode } from '../http/problems.ts'
import { validationFailed } from '../http/validate.ts'
import { hasSecret } from '../platform/masking.ts'
import type { Answer, KeyedRequest } from './idempotency.service.ts'

const IDEMPOTENCY_KEY = /^[\x20-\x7e]{1,255}$/

/** What a route that takes an `Idempotency-Key` can answer because of it. */
export const IDEMPOTENCY_PROBLEMS = [
  'idempotency_key_used',
  'idempotency_key_in_use',
  'idempotency_key_mismatch',
] as const satisfies readonly ProblemCode[]

/**
 * The request by its `Idempotency-Key`, which counts for who sends it in this project or organization; undefined without one.
 * @throws Problem `validation_failed` for a header that is no key
 */
export function keyedRequest(ctx: AccessContext, route: RouteName, body: unknown): KeyedRequest | undefined {
  const key = ctx.get('idempotency-key')
  if (key === '') return undefined
  if (!IDEMPOTENCY_KEY.test(key))
    throw validationFailed([
      { parameter: 'Idempotency-Key', detail: 'must have 1 to 255 characters of printable ASCII' },
    ])
  // It is kept as it is.
  if (hasSecret(key))
    throw validationFailed([{ parameter: 'Idempotency-Key', detail: 'must not be a secret or a token' }])
  const { kind, id } = ctx.state.principal
  const { projectId = organizationOf(ctx) } = ctx.state.place
  return { projectId, principal: `${kind}:${id}`, key, route, body }
}

/** Sends an answer, be it the first time or again. */
export function sendAnswer(ctx: AccessContext, { status, headers, body }: Answer): void {
  ctx.status = status
  ctx.set({ ...headers })
  ctx.body = body
}
