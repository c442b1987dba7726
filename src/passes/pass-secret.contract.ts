import { z } from 'zod'
import { PROJECT_PATH } from '../access/paths.ts'
import { describeRoutes } from '../http/operation.ts'
import { shortList } from '../http/pagination.ts'
import { IDEMPOTENCY_PROBLEMS } from '../idempotency/keyed-request.ts'
import { endOfSecret, rotation } from './pass.schema.ts'
import { issuedPassAnswer, secretList } from './pass-answer.schema.ts'

const ONE = `${PROJECT_PATH}/sentinel_passes/:id`
const common = { tag: 'Sentinel Passes', access: 'principal' } as const
const parameters = {
  id: { description: 'The UUID of the pass, or its `passId`', schema: z.string() },
}

/** The routes of the secrets of a pass. */
export const passSecretOperations = describeRoutes({
  'passes.rotate': {
    ...common,
    method: 'post',
    path: `${ONE}/rotate_key`,
    parameters,
    summary: 'Give the pass a new secret; the old one stops at once, or after a grace period',
    description:
      'While a grace period runs, another rotation is answered 409, unless it says `endGrace`: sent twice, it would end the secret that agents still use.',
    headers: ['If-Match', 'Idempotency-Key'],
    body: { schema: rotation, required: false },
    answers: {
      200: {
        description: 'The pass, and its new credentials, once',
        schema: issuedPassAnswer,
        headers: ['Cache-Control', 'ETag'],
      },
    },
    problems: ['precondition_failed', 'scope_not_grantable', 'grace_period_running', ...IDEMPOTENCY_PROBLEMS],
  },
  'pass_secrets.list': {
    ...common,
    method: 'get',
    path: `${ONE}/secrets`,
    parameters,
    summary:
      'The live secrets of the pass, newest first, never their values: when made, last used and from where',
    query: shortList,
    answers: { 200: { description: 'A page of secrets', schema: secretList } },
  },
  'pass_secrets.delete': {
    ...common,
    method: 'delete',
    path: `${ONE}/secrets/:secretId`,
    parameters,
    summary: 'End one secret: it is refused everywhere from the answer on',
    description: 'The last one can be ended where the pass has keys (`jwks`) to prove itself by.',
    query: endOfSecret,
    answers: { 204: { description: 'It has ended' } },
    problems: ['scope_not_grantable', 'last_secret'],
  },
})
