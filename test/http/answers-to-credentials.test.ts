import { callRoute, fill, servedRoutes, targetOf, verbOf } from '../support/routes.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createUser, signIn } from '../support/sign-in.ts'
import { createTenant } from './tenants.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** What anybody may read, and keep. */
const FOR_ANYBODY = [
  /^\/\.well-known\//,
  /^\/openapi\.json$/,
  /^\/docs/,
  /^\/console/,
  /^\/v1\/api\/oauth\/sign-in\.css$/,
]

describe('caches', () => {
  it('keep no answer to a credential, or for its caller alone, on any route', async () => {
    const { project } = await createTenant(server, 'Cached')
    const { guarded } = servedRoutes(server.deps)
    for (const route of guarded) {
      const id = await targetOf(server, route, project)
      const answer = await callRoute(server, route, {
        headers: { 'Api-Key': project.apiKey },
        orgId: project.organizationId,
        projectId: project.projectId,
        agentUserId: crypto.randomUUID(),
        id,
      })
      const seen = [route.rule, answer.status, answer.headers['cache-control']]
      expect(seen).toEqual([
        route.rule,
        answer.status,
        answer.status === 200 && /metrics|activity\.passes/.test(route.rule)
          ? 'private, max-age=30'
          : 'no-store',
      ])
      expect([route.rule, answer.headers.vary]).toEqual([
        route.rule,
        expect.stringMatching(/Api-Key.*Authorization/),
      ])
    }
    expect(guarded.length).toBeGreaterThan(40)
  })

  it('keep nothing else than public documents', async () => {
    const { open } = servedRoutes(server.deps)
    for (const { method, pattern } of open) {
      const path = fill(pattern.replaceAll(/\*\w+|\{.*\}/g, 'x'), {})
      const answer = await server.http[verbOf(method)](path).set('Authorization', 'Bearer nothing')
      if (FOR_ANYBODY.some(known => known.test(path))) continue
      expect([method, path, answer.headers['cache-control']]).toEqual([method, path, 'no-store'])
    }
    const { headers } = await server.http.get('/nothing/here')
    expect(headers['cache-control']).toBe('no-store')
  })
})

describe('WWW-Authenticate', () => {
  it('names the scope that an access token lacks', async () => {
    const { project } = await createTenant(server, 'Scoped')
    const { credentials } = await server.createPass(project, { scopes: ['activity:read'], permissions: [] })
    const token = await server.fetchToken(credentials)
    const asked = (path: string) => server.http.get(path).set('Authorization', `Bearer ${token}`)
    const passes = await asked(`${project.path}/sentinel_passes`)
    expect([passes.status, passes.headers['www-authenticate'], passes.body.scope]).toEqual([
      403,
      'Bearer realm="sentinel-pass", error="insufficient_scope", scope="passes:read"',
      'passes:read',
    ])
    const logs = await asked(`${project.path}/activity/logs`)
    expect(logs.headers['www-authenticate']).toBe(
      'Bearer realm="sentinel-pass", error="insufficient_scope", scope="activity:read passes:read"',
    )
  })

  it('says nothing of a scope where none would do', async () => {
    const { project, token } = await createTenant(server, 'Unscoped')
    const { email } = await createUser(server, { [project.organizationId]: 'VIEWER' })
    const viewer = (await signIn(server, email)).token
    const refused = [
      await server.http.get(`${project.path}/api_keys`).set('Authorization', `Bearer ${token}`),
      await server.http.get(`${project.path}/api_keys`).set('Authorization', `Bearer ${viewer}`),
      await server.http.post('/v1/api/organizations').set('Api-Key', project.apiKey),
    ]
    for (const { status, headers, body } of refused)
      expect([status, headers['www-authenticate'], body.scope]).toEqual([403, undefined, undefined])
  })

  it.each([
    ['nothing', {}, ''],
    ['an unknown token', { Authorization: 'Bearer unknown' }, ', error="invalid_token"'],
    ['an unknown API key', { 'Api-Key': 'spk_unknown' }, ', error="invalid_token"'],
    ['an API key as Bearer', { Authorization: 'Bearer spk_unknown' }, ', error="invalid_token"'],
    ['another scheme', { Authorization: 'Basic bm9uZTpub25l' }, ''],
  ])('asks for a token whoever shows %s', async (_name, headers, error) => {
    const answer = await server.http.get('/v1/api/organizations').set(headers)
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      `Bearer realm="sentinel-pass"${error}`,
    ])
    expect(answer.body).not.toHaveProperty('presented')
  })
})
