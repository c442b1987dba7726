import { z } from 'zod'
import { PROJECT_PATH } from '../access/paths.ts'
import { describeRoutes } from '../http/operation.ts'
import { shortList } from '../http/pagination.ts'
import { accessTokenList } from './pass-token.schema.ts'

const PATH = `${PROJECT_PATH}/sentinel_passes/:id/tokens`
const common = { tag: 'Sentinel Passes', access: 'principal' } as const
const parameters = {
  id: { description: 'The UUID of the pass, or its `passId`', schema: z.string() },
}

/** The routes of the live tokens of a pass. */
export const passTokenOperations = describeRoutes({
  'pass_tokens.list': {
    ...common,
    method: 'get',
    path: PATH,
    parameters,
    summary: 'The live access tokens of the pass, opaque and signed, never their values',
    query: shortList,
    answers: { 200: { description: 'A page of tokens', schema: accessTokenList } },
  },
  'pass_tokens.delete': {
    ...common,
    method: 'delete',
    path: `${PATH}/:tokenId`,
    parameters,
    summary: 'End one token: it is refused everywhere from the answer on',
    answers: { 204: { description: 'It has ended' } },
    problems: ['scope_not_grantable'],
  },
})
