import { z } from 'zod'
import { ORGANIZATION_PATH } from '../access/paths.ts'
import { dataOf, describeRoutes, pageOf } from '../http/operation.ts'
import { shortList } from '../http/pagination.ts'
import { keyRotation, signingKeyResource } from './signing-key.schema.ts'

const PATH = `${ORGANIZATION_PATH}/signing_keys`
const common = {
  tag: 'Signing keys',
  access: 'principal',
  description:
    'For owners of the organization that the first start made: the keys are those of the whole server.',
} as const

/** The routes of the server's signing keys. */
export const signingKeyOperations = describeRoutes({
  'signing_keys.list': {
    ...common,
    method: 'get',
    path: PATH,
    summary: 'The keys that sign, will sign, or have signed; the newest first',
    query: shortList,
    answers: { 200: { description: 'The keys', schema: pageOf(signingKeyResource) } },
  },
  'signing_keys.rotate': {
    ...common,
    method: 'post',
    path: PATH,
    summary: 'Make the next key: published at once, it signs after ten minutes',
    body: { schema: keyRotation, required: true },
    answers: { 201: { description: 'The next key', schema: dataOf(signingKeyResource) } },
  },
  'signing_keys.pull': {
    ...common,
    method: 'delete',
    path: `${PATH}/:kid`,
    parameters: { kid: { description: 'The id of the key', schema: z.string() } },
    summary: 'Withdraw a key at once, and every token that it signed',
    answers: { 204: { description: 'It is withdrawn' } },
  },
})
