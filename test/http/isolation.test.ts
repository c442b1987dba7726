import { RULES } from '../../src/access/rules.ts'
import { generateChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { type Attempt, callRoute, type ProtectedRoute, RULE_NAMES, servedRoutes } from '../support/routes.ts'
import { startServer, type TestPass, type TestServer } from '../support/server.ts'
import { createTenant, credentialsOf, secretsOf, snapshotOf, type Tenant } from './tenants.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** The answer of a route, without what differs from one request to the next. */
async function call(route: ProtectedRoute, attempt: Attempt) {
  const answer = await callRoute(server, route, attempt)
  const { 'x-request-id': requestId, date: _date, ...headers } = answer.headers
  const text = answer.text.replaceAll(String(requestId), 'the request id')
  return { status: answer.status, headers, text, whole: `${JSON.stringify(headers)} ${text}` }
}

function idsOf(rule: string, tenant: Tenant): string[] {
  if (rule.startsWith('api_keys.')) return [tenant.apiKeyId]
  if (rule.startsWith('resource_servers.')) return [tenant.resourceServerId]
  return [tenant.pass.id, String(tenant.pass.attributes.passId)]
}

const within = ({ pattern }: ProtectedRoute, parameter: string) => pattern.includes(`:${parameter}`)
const routes = () => servedRoutes(server.deps).guarded
const secretOf = ({ attributes: { secrets } }: TestPass) =>
  Array.isArray(secrets) ? String(secrets[0].id) : ''
const addressOf = ({ project, pass, tokenId }: Tenant) => ({
  tokenId,
  secretId: secretOf(pass),
  orgId: project.organizationId,
  projectId: project.projectId,
  agentUserId: pass.credentials.agentUserId,
})
const nobody = () => ({
  orgId: crypto.randomUUID(),
  projectId: crypto.randomUUID(),
  agentUserId: crypto.randomUUID(),
})
const unlike = (id: string) => (id.startsWith('SP-') ? 'SP-2030-ZZZZZZ' : crypto.randomUUID())

describe('the routes', () => {
  it('have a rule each, and every rule has its one route', () => {
    const names = routes().map(route => route.rule)
    expect(names.toSorted()).toEqual(RULE_NAMES.toSorted())
  })

  it('are protected but for those that have a protection of their own, or need none', () => {
    const open = servedRoutes(server.deps).open.map(({ method, pattern }) => `${method} ${pattern}`)
    expect(open.toSorted()).toEqual([
      'GET /',
      'GET /.well-known/jwks.json',
      'GET /.well-known/oauth-authorization-server',
      'GET /.well-known/openid-configuration',
      'GET /console',
      'GET /console/*path',
      'GET /docs',
      'GET /docs/:file',
      'GET /health',
      'GET /metrics',
      'GET /openapi.json',
      'GET /ready',
      'GET /v1/api/oauth/authorize',
      'GET /v1/api/oauth/authorize/:uid',
      'GET /v1/api/oauth/logout',
      'GET /v1/api/oauth/logout/success',
      'GET /v1/api/oauth/sign-in.css',
      'GET /v1/api/oauth/sign-in/:uid',
      'POST /v1/api/invitations/accept',
      'POST /v1/api/oauth/introspect',
      'POST /v1/api/oauth/logout/confirm',
      'POST /v1/api/oauth/revoke',
      'POST /v1/api/oauth/sign-in/:uid',
      'POST /v1/api/oauth/token',
      'POST /v1/api/password_resets/redeem',
    ])
  })
})

describe('nothing of a project is visible to', () => {
  it('a caller without a good credential', async () => {
    const a = await createTenant(server, 'Alpha')
    const before = await snapshotOf(server, a)
    const bad: Record<string, string>[] = [
      {},
      { 'Api-Key': generateChecksummedSecret('spk_') },
      { 'Api-Key': `${a.project.apiKey.slice(0, -1)}-` },
      { 'Api-Key': a.project.apiKey.toLowerCase() },
      { 'Api-Key': a.token },
      { Authorization: `Basic ${a.project.apiKey}` },
      { Authorization: 'Bearer' },
      { Authorization: `Bearer ${a.token} ${a.token}` },
      { Authorization: a.project.apiKey },
      { Authorization: `Bearer ${a.pass.credentials.clientSecret}` },
      { Cookie: `Api-Key=${a.project.apiKey}; access_token=${a.token}` },
      { 'Api-Key': a.project.apiKey, Authorization: 'Bearer nonsense' },
      { 'Api-Key': generateChecksummedSecret('spk_'), Authorization: `Bearer ${a.project.apiKey}` },
    ]
    for (const route of routes())
      for (const headers of bad) {
        const [id = ''] = idsOf(route.rule, a)
        const real = await call(route, { headers, ...addressOf(a), id })
        const unreal = await call(route, { headers, ...nobody(), id: unlike(id) })
        expect([route.rule, headers, real.status]).toEqual([route.rule, headers, 401])
        expect(real).toEqual(unreal)
        for (const secret of secretsOf(a)) expect(real.whole).not.toContain(secret)
      }
    // Its key was shown beside bad credentials, which counts as a use of it.
    const unused = (snapshot: string) =>
      snapshot.replaceAll(/"last_used_at": "[^"]+"/g, '"last_used_at": null')
    expect(unused(await snapshotOf(server, a))).toEqual(unused(before))
  })

  it('the credentials of another project, by its paths', async () => {
    const [a, b] = [await createTenant(server, 'Alpha'), await createTenant(server, 'Beta')]
    const before = await snapshotOf(server, a)
    let attempts = 0
    for (const route of routes().filter(one => within(one, 'orgId')))
      for (const headers of credentialsOf(b)) {
        const [own, others] = [b.project, a.project]
        const paths = [
          { orgId: others.organizationId, projectId: others.projectId },
          { orgId: others.organizationId, projectId: own.projectId },
          ...(within(route, 'projectId') ? [{ orgId: own.organizationId, projectId: others.projectId }] : []),
        ]
        for (const path of paths)
          for (const id of within(route, 'id') ? idsOf(route.rule, a) : ['']) {
            const { agentUserId } = a.pass.credentials
            const real = await call(route, { headers, ...path, id, agentUserId })
            const unreal = await call(route, { headers, ...nobody(), id: unlike(id) })
            expect([route.rule, path, real.status]).toEqual([route.rule, path, 404])
            expect(real).toEqual(unreal)
            for (const secret of secretsOf(a)) expect(real.whole).not.toContain(secret)
            attempts += 1
          }
      }
    expect(attempts).toBeGreaterThan(200)
    expect(await snapshotOf(server, a)).toEqual(before)
  })

  it('the credentials of another project, by its ids in their own paths', async () => {
    const [a, b] = [await createTenant(server, 'Alpha'), await createTenant(server, 'Beta')]
    const before = await snapshotOf(server, a)
    const own = { orgId: b.project.organizationId, projectId: b.project.projectId }
    for (const route of routes().filter(one => within(one, 'id') || one.rule.startsWith('activity.')))
      for (const headers of credentialsOf(b))
        for (const id of within(route, 'id') ? idsOf(route.rule, a) : ['']) {
          const real = await call(route, { headers, ...own, id, agentUserId: a.pass.credentials.agentUserId })
          const unreal = await call(route, {
            headers,
            ...own,
            id: unlike(id),
            agentUserId: crypto.randomUUID(),
          })
          // A pass's token cannot touch API keys at all, nor change resource servers, nor either of them people, and is told so before any id is looked at.
          const isToken = !('Api-Key' in headers) && headers.Authorization === `Bearer ${b.token}`
          const rule = RULES[route.rule]
          const writes = ['resource_servers.update', 'resource_servers.delete', 'resource_servers.verify']
          const noToken = route.rule.startsWith('api_keys.') || writes.includes(route.rule)
          const denied = !rule.apiKey || (isToken && noToken)
          expect([route.rule, id, real.status]).toEqual([route.rule, id, denied ? 403 : 404])
          expect(real).toEqual(unreal)
          for (const secret of secretsOf(a)) expect(real.whole).not.toContain(secret)
        }
    expect(await snapshotOf(server, a)).toEqual(before)
  })

  it('the credentials of another project, in what the routes without an id answer', async () => {
    const [a, b] = [await createTenant(server, 'Alpha'), await createTenant(server, 'Beta')]
    const before = await snapshotOf(server, a)
    const own = {
      orgId: b.project.organizationId,
      projectId: b.project.projectId,
      agentUserId: b.pass.credentials.agentUserId,
    }
    const reading = routes().filter(
      one => one.method === 'GET' && !within(one, 'id') && RULES[one.rule].apiKey,
    )
    expect(reading.length).toBeGreaterThan(8)
    for (const route of reading) {
      const answer = await call(route, { headers: { 'Api-Key': b.project.apiKey }, ...own, id: '' })
      expect([route.rule, answer.status]).toEqual([route.rule, 200])
      for (const secret of secretsOf(a)) expect(answer.whole).not.toContain(secret)
    }
    expect(await snapshotOf(server, a)).toEqual(before)
  })

  it('its own key under the path of another organization or project', async () => {
    const [a, b] = [await createTenant(server, 'Alpha'), await createTenant(server, 'Beta')]
    const before = await snapshotOf(server, b)
    for (const route of routes().filter(one => within(one, 'orgId')))
      for (const headers of credentialsOf(a)) {
        const [id = ''] = idsOf(route.rule, a)
        const { agentUserId } = a.pass.credentials
        const path = { orgId: b.project.organizationId, projectId: a.project.projectId }
        const answer = await call(route, { headers, ...path, id, agentUserId })
        expect([route.rule, answer.status]).toEqual([route.rule, 404])
        for (const secret of [...secretsOf(a), ...secretsOf(b)]) expect(answer.whole).not.toContain(secret)
      }
    expect(await snapshotOf(server, b)).toEqual(before)
  })

  it('another project that shows both its own key and its token', async () => {
    const [a, b] = [await createTenant(server, 'Alpha'), await createTenant(server, 'Beta')]
    for (const route of routes()) {
      const { organizationId: orgId, projectId } = a.project
      const [id = ''] = idsOf(route.rule, a)
      const headers = { 'Api-Key': b.project.apiKey, Authorization: `Bearer ${a.token}` }
      const answer = await call(route, {
        headers,
        orgId,
        projectId,
        id,
        agentUserId: a.pass.credentials.agentUserId,
      })
      expect([route.rule, answer.status]).toEqual([route.rule, 401])
      expect(answer.text).toContain('"code":"credentials_disagree"')
    }
  })
})

describe('a token of a project', () => {
  it('is unknown to the introspection and the revocation of another', async () => {
    const [a, b] = [await createTenant(server, 'Alpha'), await createTenant(server, 'Beta')]
    const before = await snapshotOf(server, a)
    const { clientId, clientSecret } = b.pass.credentials
    const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
    const context = { endpoint: '/orders', http_method: 'GET' }
    for (const Authorization of [basic, `Bearer ${b.project.apiKey}`]) {
      const ask = (path: string, form: object) =>
        server.http.post(`/v1/api/oauth/${path}`).set({ Authorization }).type('form').send(form)
      expect((await ask('introspect', { token: a.token, ...context })).body).toEqual({ active: false })
      expect((await ask('introspect', { token: 'unheard-of', ...context })).body).toEqual({ active: false })
      const [real, unreal] = [
        await ask('revoke', { token: a.token }),
        await ask('revoke', { token: 'unheard-of' }),
      ]
      expect([real.status, real.text]).toEqual([200, '{}'])
      expect([unreal.status, unreal.text]).toEqual([200, '{}'])
    }
    expect(await snapshotOf(server, a)).toEqual(before)
  })
})
