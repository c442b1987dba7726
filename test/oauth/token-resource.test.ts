import { createResource } from '../support/resource-servers.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { activityOf, introspect, requestToken, sendForm, TOKEN } from './oauth-requests.ts'

const REPORTS = 'https://reports.example.com/api'
const URN = 'urn:example:billing'

let server: TestServer
let project: TestProject
beforeAll(async () => {
  server = await startServer()
  project = await server.createProject()
  for (const resource of [REPORTS, URN]) await createResource(server, project, { resource })
})
afterAll(() => server.close())

describe('the resource that a token is for (RFC 8707)', () => {
  it.each([[REPORTS], [URN]])('is granted where the pass may name it: %s', async resource => {
    const pass = await server.createPass(project, { resources: [REPORTS, URN] })
    const answer = await requestToken(server, pass.credentials, { resource })

    expect(answer.status).toBe(200)
    expect(answer.body.scope).toBe('read write')
    const introspected = await introspect(server, pass.credentials, answer.body.access_token)
    expect(introspected.body.aud).toBe(resource)
  })

  it('is noted in the row of the grant', async () => {
    const { credentials } = await server.createPass(project, { resources: [REPORTS] })
    await requestToken(server, credentials, { resource: REPORTS })

    const rows = await activityOf(server, project, credentials.agentUserId)
    expect(rows).toHaveLength(1)
    expect(rows[0]?.metadata).toMatchObject({ resource: REPORTS, scopes: ['read', 'write'] })
  })

  it('leaves the token without audience when none is named', async () => {
    const pass = await server.createPass(project, { resources: [REPORTS] })
    const token = await server.fetchToken(pass.credentials)

    expect((await introspect(server, pass.credentials, token)).body).not.toHaveProperty('aud')
  })

  it.each([
    ['one that the pass may not name', 'https://other.example.com/api'],
    ['a path below one that it may name', `${REPORTS}/v2`],
    ['one that is no absolute URI', '/api'],
    ['one with a fragment', `${REPORTS}#part`],
  ])('is refused as invalid_target: %s', async (_what, resource) => {
    const pass = await server.createPass(project, { resources: [REPORTS] })
    const answer = await requestToken(server, pass.credentials, { resource })

    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_target'])
    expect(answer.body).not.toHaveProperty('access_token')
  })

  it('is refused when there are several', async () => {
    const pass = await server.createPass(project, { resources: [REPORTS, URN] })
    const form: [string, string][] = [
      ['grant_type', 'client_credentials'],
      ['client_id', pass.credentials.clientId],
      ['client_secret', pass.credentials.clientSecret],
      ['resource', REPORTS],
      ['resource', URN],
    ]
    const answer = await sendForm(server, TOKEN, form)

    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_target'])
  })

  it('does not widen the scopes', async () => {
    const pass = await server.createPass(project, { resources: [REPORTS] })
    const answer = await requestToken(server, pass.credentials, { resource: REPORTS, scope: 'admin:users' })

    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_scope'])
  })
})

describe('this server as the resource', () => {
  it('can be named by every pass, and the token is good for its API', async () => {
    const { credentials } = await server.createPass(project, { scopes: ['passes:read'] })
    const { body } = await requestToken(server, credentials, { resource: credentials.apiBaseUrl })

    expect((await introspect(server, credentials, body.access_token)).body.aud).toBe(credentials.apiBaseUrl)
    const listed = await server.http
      .get(`${project.path}/sentinel_passes`)
      .set('Authorization', `Bearer ${body.access_token}`)
    expect(listed.status).toBe(200)
  })

  it('refuses a token that is for somebody else', async () => {
    const { credentials } = await server.createPass(project, {
      scopes: ['passes:read'],
      resources: [REPORTS],
    })
    const { body } = await requestToken(server, credentials, { resource: REPORTS })

    const listed = await server.http
      .get(`${project.path}/sentinel_passes`)
      .set('Authorization', `Bearer ${body.access_token}`)
    expect(listed.status).toBe(401)
    expect(listed.headers['www-authenticate']).toContain('error="invalid_token"')
  })
})
