import { ORGANIZATION_PATH, PROJECT_PATH } from '../access/paths.ts'
import { dataOf, describeRoutes, pageOf } from '../http/operation.ts'
import { listByTime } from '../http/pagination.ts'
import { IDEMPOTENCY_PROBLEMS } from '../idempotency/keyed-request.ts'
import {
  apiKeyResource,
  apiKeyUpdate,
  newApiKey,
  newApiKeyAnswer,
  newOrganizationKey,
  newOrganizationKeyAnswer,
  organizationKeyResource,
} from './api-key.schema.ts'

const OF_PROJECT = `${PROJECT_PATH}/api_keys`
const OF_ORGANIZATION = `${ORGANIZATION_PATH}/api_keys`
const common = { tag: 'API keys', access: 'principal' } as const
// Any instant: that the end lies in the future is no part of the form.
const bodies = { made: newApiKey(0), madeOfOrganization: newOrganizationKey(0), changed: apiKeyUpdate(0) }

const create = {
  ...common,
  method: 'post',
  headers: ['Idempotency-Key'],
  problems: IDEMPOTENCY_PROBLEMS,
} as const
const list = { ...common, method: 'get', query: listByTime } as const
const update = {
  ...common,
  method: 'put',
  headers: ['If-Match'],
  body: { schema: bodies.changed, required: true },
  problems: ['precondition_failed'],
} as const
const remove = {
  ...common,
  method: 'delete',
  headers: ['If-Match'],
  answers: { 204: { description: 'It is gone' } },
  problems: ['precondition_failed'],
} as const
const madeHeaders = ['Location', 'Cache-Control', 'ETag'] as const

/** The routes of API keys. */
export const apiKeyOperations = describeRoutes({
  'api_keys.create': {
    ...create,
    path: OF_PROJECT,
    summary: 'Make an API key of a project',
    description: 'A key that ends makes none that outlives it; where no end is given, its own counts.',
    body: { schema: bodies.made, required: false },
    answers: { 201: { description: 'The key, shown once', schema: newApiKeyAnswer, headers: madeHeaders } },
  },
  'api_keys.list': {
    ...list,
    path: OF_PROJECT,
    summary: 'The API keys of the project, newest first',
    answers: { 200: { description: 'The keys, without their values', schema: pageOf(apiKeyResource) } },
  },
  'api_keys.read': {
    ...common,
    method: 'get',
    path: `${OF_PROJECT}/:id`,
    summary: 'One API key of a project, without its value',
    answers: { 200: { description: 'The key', schema: dataOf(apiKeyResource), headers: ['ETag'] } },
  },
  'api_keys.update': {
    ...update,
    path: `${OF_PROJECT}/:id`,
    summary: 'Change the note or the end of an API key',
    answers: { 200: { description: 'The key', schema: dataOf(apiKeyResource), headers: ['ETag'] } },
  },
  'api_keys.delete': {
    ...remove,
    path: `${OF_PROJECT}/:id`,
    summary: 'Delete an API key: it is refused from then on',
  },
  'organization_api_keys.create': {
    ...create,
    path: OF_ORGANIZATION,
    summary: 'Make an API key of an organization, which acts in all of its projects by a role',
    description: 'A key that ends makes none that outlives it; where no end is given, its own counts.',
    body: { schema: bodies.madeOfOrganization, required: true },
    answers: {
      201: { description: 'The key, shown once', schema: newOrganizationKeyAnswer, headers: madeHeaders },
    },
  },
  'organization_api_keys.list': {
    ...list,
    path: OF_ORGANIZATION,
    summary: 'The API keys of the organization, newest first',
    answers: {
      200: { description: 'The keys, without their values', schema: pageOf(organizationKeyResource) },
    },
  },
  'organization_api_keys.read': {
    ...common,
    method: 'get',
    path: `${OF_ORGANIZATION}/:id`,
    summary: 'One API key of an organization, without its value',
    answers: { 200: { description: 'The key', schema: dataOf(organizationKeyResource), headers: ['ETag'] } },
  },
  'organization_api_keys.update': {
    ...update,
    path: `${OF_ORGANIZATION}/:id`,
    summary: 'Change the note or the end of an organization’s API key',
    answers: { 200: { description: 'The key', schema: dataOf(organizationKeyResource), headers: ['ETag'] } },
  },
  'organization_api_keys.delete': {
    ...remove,
    path: `${OF_ORGANIZATION}/:id`,
    summary: 'Delete an organization’s API key: it is refused from then on',
  },
})
