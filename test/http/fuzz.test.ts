import fc from 'fast-check'
import { type RouteName, RULES } from '../../src/access/rules.ts'
import { exportQuery, logQuery, metricsQuery } from '../../src/activity/activity.schema.ts'
import { PROBLEMS } from '../../src/http/problems.ts'
import { passQuery, passUpdate } from '../../src/passes/pass.schema.ts'
import { goodBodyOf, type ProtectedRoute, servedRoutes, targetOf } from '../support/routes.ts'
import { startServer, type TestServer } from '../support/server.ts'
import * as hostile from './hostile.ts'
import { createTenant, credentialsOf, type Tenant } from './tenants.ts'

/** Fixed, so that a failure comes again; fast-check prints it with the request that failed. */
/** For a route that reads a query or a body, and for one that reads its path alone. */
const [MANY_RUNS, FEW_RUNS] = [70, 15]
const PATIENCE_MS = 60_000

let server: TestServer
let tenant: Tenant
beforeAll(async () => {
  server = await startServer()
  tenant = await createTenant(server, 'Fuzzed')
})
afterAll(async () => {
  hostile.closeRaw()
  await server.close()
})

function expectProblem({ status, headers, text }: hostile.RawAnswer, method: string): void {
  if (status < 400) return
  expect(headers['content-type']).toBe('application/problem+json')
  if (method === 'HEAD') return
  const body = JSON.parse(text)
  expect(Object.entries(PROBLEMS).find(([code]) => code === body.code)?.[1].status).toBe(status)
}

const QUERIES: Partial<Record<RouteName, readonly string[]>> = {
  'passes.list': Object.keys(passQuery.shape),
  'activity.logs': Object.keys(logQuery.shape),
  'activity.export': Object.keys(exportQuery.shape),
  'activity.metrics': Object.keys(metricsQuery.shape),
  'audit_events.list': ['page', 'per_page'],
}

/** What the server would read as a position in the log, if it trusted it. */
const FORGED_CURSORS = [
  '0000-01-01T00:00:00.000Z',
  '1969-12-31T23:59:59.999Z',
  '2030-99-99T00:00:00.000Z',
  'infinity',
].map(at => Buffer.from(`${at} 00000000-0000-0000-0000-000000000000`).toString('base64url'))

const parameter = fc.oneof(
  { weight: 3, arbitrary: hostile.hostileText },
  fc.constantFrom(
    '1',
    '100',
    '1000000',
    'asc',
    'desc',
    'csv',
    'json',
    'jsonl',
    'hour',
    'day',
    'week',
    'true',
  ),
  fc.constantFrom('started_at', 'client_ip', 'error', 'title', 'usageCount', 'active', 'expiring', 'api_key'),
  fc.constantFrom(...FORGED_CURSORS),
)

function queryOf(rule: RouteName): fc.Arbitrary<string> {
  const [names, text] = [QUERIES[rule] ?? ['page'], hostile.hostileText]
  const name = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: text })
  // What takes no parameter refuses each.
  return fc.oneof(fc.constant(''), hostile.pairs(name, parameter))
}

type Members = readonly (readonly [name: string, json: string])[]
const json = hostile.jsonObject
const attributes = (list: Members) => json([['data', json([['attributes', json(list)]])]])
const sentinelPass = (list: Members) => json([['sentinelPass', json([['title', '"Good"'], ...list])]])

/** The members that a body of the route has, and how they stand in it. */
const BODIES: Partial<
  Record<RouteName, readonly [names: readonly string[], wrap: (list: Members) => string]>
> = {
  'projects.update': [['name'], attributes],
  'api_keys.create': [['note', 'expiresAt'], attributes],
  'passes.create': [Object.keys(passUpdate.shape.sentinelPass.shape), sentinelPass],
  'passes.update': [Object.keys(passUpdate.shape.sentinelPass.shape), sentinelPass],
  'passes.rotate': [['gracePeriodSeconds'], json],
  'passes.revoke': [['revokeTokens'], json],
}

function bodyOf(rule: RouteName): fc.Arbitrary<Buffer> {
  const [names, wrap] = BODIES[rule] ?? [['x'], json]
  const name = fc.oneof(
    { weight: 14, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: hostile.hostileText },
  )
  const member = fc.tuple(name, hostile.hostileJson)
  // A name that comes twice is refused, whatever it is.
  const members = fc.oneof(
    { weight: 9, arbitrary: fc.uniqueArray(member, { maxLength: 2, selector: ([named]) => named }) },
    { weight: 1, arbitrary: fc.array(member, { maxLength: 2 }) },
  )
  return fc.oneof(
    // What the route does with a good one is reached, too.
    { weight: 4, arbitrary: fc.constant(Buffer.from(JSON.stringify(goodBodyOf(rule) ?? {}))) },
    { weight: 9, arbitrary: members.map(list => Buffer.from(wrap(list))) },
    { weight: 1, arbitrary: hostile.hostileJson.map(text => Buffer.from(text)) },
    { weight: 1, arbitrary: hostile.brokenBody },
  )
}

function requestTo(route: ProtectedRoute, target: string): fc.Arbitrary<hostile.RawRequest> {
  const { method, pattern, rule } = route
  const reads = method === 'GET'
  const good: Record<string, string> = {
    orgId: tenant.project.organizationId,
    projectId: tenant.project.projectId,
    id: method === 'DELETE' ? crypto.randomUUID() : target,
  }
  const agent = rule.startsWith('activity.') ? `agent_user_id=${tenant.pass.credentials.agentUserId}&` : ''
  const parts = fc.record({
    credential: fc.constantFrom(...credentialsOf(tenant)),
    // Most of the time the path is good, so that what it leads to is reached.
    segments: fc.option(fc.dictionary(fc.constantFrom('orgId', 'projectId', 'id'), hostile.hostileSegment), {
      freq: 5,
      nil: {},
    }),
    query: reads ? queryOf(rule) : fc.constant(''),
    headers: hostile.hostileHeaders,
    type: hostile.contentType,
    body: reads ? fc.constant(Buffer.alloc(0)) : bodyOf(rule),
  })
  return parts
    .map(({ credential, segments, query, headers, type, body }) => {
      const path = pattern.replace(/:\w+/g, (name: string) => {
        const values: Record<string, string> = { ...good, ...segments }
        return values[name.slice(1)] ?? ''
      })
      return {
        method,
        target: `${path}?${agent}${query}`,
        headers: { ...headers, ...credential, 'Content-Type': type },
        body,
      }
    })
    .filter(hostile.isHeadReadable)
}

describe('whatever is sent with good credentials', () => {
  it(
    'to a protected route is answered, or refused with a problem of the catalogue',
    async () => {
      for (const route of servedRoutes(server.deps).guarded.filter(({ rule }) => RULES[rule].apiKey)) {
        const seen = new Set<number>()
        const target = await targetOf(server, route, tenant.project)
        const property = fc.asyncProperty(requestTo(route, target), async request => {
          const answer = await hostile.sendHostile(server.url, request)
          expectProblem(answer, route.method)
          seen.add(answer.status)
        })
        const reads = route.rule in QUERIES || route.rule in BODIES || goodBodyOf(route.rule) !== undefined
        const runs = reads ? MANY_RUNS : FEW_RUNS
        await fc.assert(property, hostile.tries(runs))
        // Some of them go all the way; what is to be deleted never existed.
        if (route.method !== 'DELETE')
          expect([route.rule, Math.min(...seen)]).toEqual([route.rule, goodStatus(route)])
      }
    },
    PATIENCE_MS,
  )

  it(
    'by any method to any path is answered, or refused with a problem of the catalogue',
    async () => {
      const { guarded, open } = servedRoutes(server.deps)
      const methods = [
        'GET',
        'HEAD',
        'POST',
        'PUT',
        'PATCH',
        'DELETE',
        'OPTIONS',
        'TRACE',
        'PROPFIND',
        'PURGE',
      ]
      const requests = fc.record({
        method: fc.constantFrom(...methods),
        target: fc.oneof(
          fc.constantFrom(...[...guarded, ...open].map(({ pattern }) => pattern)),
          fc.array(hostile.hostileSegment, { maxLength: 4 }).map(segments => `/${segments.join('/')}`),
          fc.constantFrom(
            '//',
            '//x',
            '/v1/api/',
            '/v1//api/organizations',
            '/%2e%2e/health',
            '*',
            '/health/',
          ),
          fc.constantFrom(
            'http://[::1',
            'http://[',
            'http://x/health',
            '//:99999999/',
            '/health#x',
            '/\\',
            '/?',
          ),
        ),
        headers: hostile.hostileHeaders.map(headers => ({
          ...headers,
          Authorization: `Bearer ${tenant.token}`,
        })),
        body: fc.constant(Buffer.alloc(0)),
      })
      const property = fc.asyncProperty(requests, async request => {
        const answer = await hostile.sendHostile(server.url, request)
        const { method, target } = request
        // The endpoints of the protocol have errors of their own, and the pages are for people.
        const isOAuth = method === 'POST' && target.startsWith('/v1/api/oauth/') && answer.status !== 404
        if (/^\/v1\/api\/oauth\/(authorize|logout|sign-in)/.test(target)) return
        if (!isOAuth) expectProblem(answer, method)
      })
      await fc.assert(property, hostile.tries(200))
    },
    PATIENCE_MS,
  )
})

it.each(FORGED_CURSORS)('refuses the forged cursor %s', async cursor => {
  const answer = await server.http
    .get('/v1/api/oauth/agent/activity/logs')
    .query({ agent_user_id: tenant.pass.credentials.agentUserId, cursor })
    .set('Api-Key', tenant.project.apiKey)
  expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed'])
  expect(answer.body.errors).toEqual([
    { parameter: 'cursor', detail: expect.stringMatching(/^is not a cursor of this server/) },
  ])
})

function goodStatus({ rule }: ProtectedRoute): number {
  return rule.endsWith('.create') ? 201 : 200
}
