import { z } from 'zod'
import { PROJECT_PATH } from '../access/paths.ts'
import { describeRoutes } from '../http/operation.ts'
import { IDEMPOTENCY_PROBLEMS } from '../idempotency/keyed-request.ts'
import { newPass, optionalFields, passQuery, revocation } from './pass.schema.ts'
import { issuedPassAnswer, passAnswer, passList } from './pass-answer.schema.ts'
import { readOnlyFields } from './read-only.ts'

/** What is read-only may come back as it was read. */
const passUpdate = z.strictObject({ sentinelPass: optionalFields.extend(readOnlyFields) })

const PATH = `${PROJECT_PATH}/sentinel_passes`
const ONE = `${PATH}/:id`
const common = { tag: 'Sentinel Passes', access: 'principal' } as const
const parameters = {
  id: { description: 'The UUID of the pass, or its `passId`', schema: z.string() },
}
const changed = { description: 'The pass', schema: passAnswer, headers: ['ETag'] } as const

/** The routes of passes. */
export const passOperations = describeRoutes({
  'passes.create': {
    ...common,
    method: 'post',
    path: PATH,
    summary: 'Create a pass, its agent and its client',
    headers: ['Idempotency-Key'],
    body: { schema: newPass, required: true },
    answers: {
      201: {
        description: 'The pass, and the credentials of its agent, once',
        schema: issuedPassAnswer,
        headers: ['Location', 'Cache-Control', 'ETag'],
      },
    },
    problems: ['scope_not_grantable', 'pass_id_taken', ...IDEMPOTENCY_PROBLEMS],
  },
  'passes.list': {
    ...common,
    method: 'get',
    path: PATH,
    summary: 'The passes of the project',
    query: passQuery,
    answers: { 200: { description: 'A page of passes', schema: passList } },
  },
  'passes.read': {
    ...common,
    method: 'get',
    path: ONE,
    parameters,
    summary: 'One pass',
    headers: ['If-None-Match'],
    answers: { 200: changed, 304: { description: 'It is as you know it', headers: ['ETag'] } },
  },
  'passes.update': {
    ...common,
    method: 'put',
    path: ONE,
    parameters,
    summary: 'Change the fields that are sent',
    description:
      'Takes a pass as it was read, too, as `{"data":{"attributes":…}}` or in `sentinelPass`: what is read-only has to be as it was read. `null` empties a field, or has it be what it is when nothing is said of it. What changes nothing leaves no trace.',
    headers: ['If-Match'],
    body: { schema: passUpdate, required: true },
    answers: { 200: changed },
    problems: ['precondition_failed', 'scope_not_grantable', 'pass_id_taken'],
  },
  'passes.delete': {
    ...common,
    method: 'delete',
    path: ONE,
    parameters,
    summary: 'Delete the pass, its agent, its secrets and its tokens; its activity stays readable',
    headers: ['If-Match'],
    answers: { 204: { description: 'It is gone' } },
    problems: ['precondition_failed', 'scope_not_grantable'],
  },
  'passes.revoke': {
    ...common,
    method: 'post',
    path: `${ONE}/revoke`,
    parameters,
    summary: 'Switch the pass off: no new tokens; with `revokeTokens` the live ones end as well',
    headers: ['If-Match'],
    body: { schema: revocation, required: false },
    answers: { 200: changed },
    problems: ['precondition_failed', 'scope_not_grantable'],
  },
  'passes.activate': {
    ...common,
    method: 'post',
    path: `${ONE}/activate`,
    parameters,
    summary: 'Switch the pass on again',
    headers: ['If-Match'],
    answers: { 200: changed },
    problems: ['precondition_failed', 'scope_not_grantable'],
  },
})
