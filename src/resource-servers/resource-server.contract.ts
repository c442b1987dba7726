import { PROJECT_PATH } from '../access/paths.ts'
import { dataOf, describeRoutes, pageOf } from '../http/operation.ts'
import { listByTime } from '../http/pagination.ts'
import { IDEMPOTENCY_PROBLEMS } from '../idempotency/keyed-request.ts'
import { newResourceServer, resourceServerResource, resourceServerUpdate } from './resource-server.schema.ts'

const PATH = `${PROJECT_PATH}/resource_servers`
const ONE = `${PATH}/:id`
const common = { tag: 'Resource servers', access: 'principal' } as const
const one = {
  description: 'The resource server',
  schema: dataOf(resourceServerResource),
  headers: ['ETag'],
} as const

/** The routes of resource servers. */
export const resourceServerOperations = describeRoutes({
  'resource_servers.create': {
    ...common,
    method: 'post',
    path: PATH,
    summary: 'Register a resource that tokens can be for',
    description:
      'It belongs to the project, and no other organization can register one at, below or above it on the same origin. ' +
      'Outside of the operator’s organization it has to be verified before a token names it.',
    headers: ['Idempotency-Key'],
    body: { schema: newResourceServer, required: true },
    answers: { 201: { ...one, headers: ['Location', 'ETag'] } },
    problems: ['resource_taken', ...IDEMPOTENCY_PROBLEMS],
  },
  'resource_servers.list': {
    ...common,
    method: 'get',
    path: PATH,
    summary: 'The resource servers of the project, newest first',
    query: listByTime,
    answers: { 200: { description: 'A page of resource servers', schema: pageOf(resourceServerResource) } },
  },
  'resource_servers.read': {
    ...common,
    method: 'get',
    path: ONE,
    summary: 'One resource server',
    headers: ['If-None-Match'],
    answers: { 200: one, 304: { description: 'It is as you know it', headers: ['ETag'] } },
  },
  'resource_servers.update': {
    ...common,
    method: 'put',
    path: ONE,
    summary: 'Change the fields that are sent, for grants from now on',
    headers: ['If-Match'],
    body: { schema: resourceServerUpdate, required: true },
    answers: { 200: one },
    problems: ['precondition_failed'],
  },
  'resource_servers.delete': {
    ...common,
    method: 'delete',
    path: ONE,
    summary:
      'Delete a resource server: no pass may name it from then on, and tokens for it are not active here',
    headers: ['If-Match'],
    answers: { 204: { description: 'It is gone' } },
    problems: ['precondition_failed'],
  },
  'resource_servers.verify': {
    ...common,
    method: 'post',
    path: `${ONE}/verify`,
    summary: 'Have the server read the metadata of the resource (RFC 9728), and find its own issuer in it',
    answers: { 200: one },
    problems: ['resource_not_verified'],
  },
})
