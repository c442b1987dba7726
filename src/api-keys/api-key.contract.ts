import { describeRoutes, pageOf } from '../http/operation.ts'
import { listByTime } from '../http/pagination.ts'
import { IDEMPOTENCY_PROBLEMS } from '../idempotency/keyed-request.ts'
import { PROJECT_PATH } from '../organizations/organization.schema.ts'
import { apiKeyResource, newApiKey, newApiKeyAnswer } from './api-key.schema.ts'

const PATH = `${PROJECT_PATH}/api_keys`
const common = { tag: 'API keys', access: 'principal' } as const

/** The routes of API keys. */
export const apiKeyOperations = describeRoutes({
  'api_keys.create': {
    ...common,
    method: 'post',
    path: PATH,
    summary: 'Make an API key',
    headers: ['Idempotency-Key'],
    // Any instant: that the end lies in the future is no part of the form.
    body: { schema: newApiKey(0), required: false },
    answers: {
      201: {
        description: 'The key, shown once',
        schema: newApiKeyAnswer,
        headers: ['Location', 'Cache-Control'],
      },
    },
    problems: IDEMPOTENCY_PROBLEMS,
  },
  'api_keys.list': {
    ...common,
    method: 'get',
    path: PATH,
    summary: 'The API keys of the project, newest first',
    query: listByTime,
    answers: {
      200: { description: 'The keys, without their values', schema: pageOf(apiKeyResource) },
    },
  },
  'api_keys.delete': {
    ...common,
    method: 'delete',
    path: `${PATH}/:id`,
    summary: 'Delete an API key: it is refused from then on',
    answers: { 204: { description: 'It is gone' } },
  },
})
