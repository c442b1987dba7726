import { manage, REVOKE, requestToken, sendForm } from '../oauth/oauth-requests.ts'
import { createResource } from '../support/resource-servers.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

describe('TokenStore', () => {
  const store = () => server.deps.accessTokens.store

  it('gives the token and its pass with their types', async () => {
    server.clock.set('2030-03-01T23:59:59.987Z')
    const project = await server.createProject()
    await createResource(server, project, { resource: 'urn:example:billing' })
    const pass = await server.createPass(project, {
      title: 'Ünïcode agent',
      scopes: ['read:data', "o'brien{},"],
      permissions: ['read', 'write'],
      resources: ['urn:example:billing'],
      allowedIps: ['127.0.0.0/8', '2001:db8::/32'],
      accessLevel: 'enterprise',
    })
    const { body } = await requestToken(server, pass.credentials, { resource: 'urn:example:billing' })

    expect(await store().find(body.access_token)).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      live: true,
      scopes: ['read:data', "o'brien{},"],
      audience: 'urn:example:billing',
      certificate: undefined,
      issuedAt: new Date('2030-03-01T23:59:59.987Z'),
      expiresAt: new Date('2030-03-02T00:59:59.987Z'),
      grantedUntil: new Date('2030-03-02T00:59:59.987Z'),
      pass: {
        id: pass.id,
        version: 1,
        epoch: 1,
        passId: pass.attributes.passId,
        title: 'Ünïcode agent',
        clientId: pass.credentials.clientId,
        agentUserId: pass.credentials.agentUserId,
        projectId: project.projectId,
        organizationId: project.organizationId,
        permissions: ['read', 'write'],
        accessLevel: 'enterprise',
        allowedIps: ['127.0.0.0/8', '2001:db8::/32'],
      },
    })
  })

  it('keeps the value nowhere', async () => {
    const { credentials } = await server.createPass(await server.createProject())
    const token = await server.fetchToken(credentials)
    const [found] = await server.deps.database.query<{ rows: string }>(
      "select string_agg(a::text, '') as rows from activity a",
    )
    expect(found?.rows).toContain((await store().find(token))?.id)
    expect(found?.rows).not.toContain(token)
  })

  it('has empty lists and no audience where there are none', async () => {
    const pass = await server.createPass(await server.createProject(), { scopes: [], permissions: [] })
    const found = await store().find(await server.fetchToken(pass.credentials))

    expect(found).toMatchObject({
      scopes: [],
      audience: undefined,
      pass: { permissions: [], allowedIps: [] },
    })
  })

  it('says of an ended token that it is not live, and still whose it was', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project)
    const token = await server.fetchToken(pass.credentials)
    await manage(server, project, 'post', `${pass.id}/revoke`, { revokeTokens: true })

    expect(await store().find(token)).toMatchObject({ live: false, pass: { id: pass.id } })
  })

  it('finds nothing for a value that is unknown, and after the pass was deleted', async () => {
    const project = await server.createProject()
    const { id, credentials } = await server.createPass(project)
    const token = await server.fetchToken(credentials)
    await manage(server, project, 'delete', id)

    expect(await store().find(token)).toBeUndefined()
    expect(await store().find('unknown')).toBeUndefined()
    expect(await store().find('')).toBeUndefined()
  })

  it('ends a token with its pass, for good, also when the pass is extended after that', async () => {
    const project = await server.createProject()
    const { id, credentials } = await server.createPass(project, { tokenTtl: 900 })
    const token = await server.fetchToken(credentials)
    const validUntil = new Date(server.clock.now() + 60_000)
    await manage(server, project, 'put', id, { sentinelPass: { validUntil: validUntil.toISOString() } })

    expect(await store().find(token)).toMatchObject({ live: true, expiresAt: validUntil })
    server.clock.advance({ minutes: 1 })
    expect(await store().find(token)).toMatchObject({ live: false })
    await manage(server, project, 'put', id, { sentinelPass: { validUntil: null } })
    expect(await store().find(token)).toMatchObject({ live: false })
    expect(await store().find(await server.fetchToken(credentials))).toMatchObject({ live: true })
  })

  it('says of a token that was revoked that it is not live, and of every other one of its pass that it is', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const [ended, kept] = [await server.fetchToken(credentials), await server.fetchToken(credentials)]
    const answer = await sendForm(server, REVOKE, { token: ended }, { 'Api-Key': project.apiKey })

    expect(answer.status).toBe(200)
    expect(await store().find(ended)).toMatchObject({ live: false })
    expect(await store().find(kept)).toMatchObject({ live: true })
  })

  it('says of a token whose time is over that it is not live', async () => {
    const { credentials } = await server.createPass(await server.createProject(), { tokenTtl: 60 })
    const token = await server.fetchToken(credentials)
    server.clock.advance({ seconds: 60 })

    expect(await store().find(token)).toMatchObject({ live: false })
  })
})
