import { createHash } from 'node:crypto'
import { TokenStore } from '../../src/tokens/token.store.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { manage, requestToken } from './oauth-requests.ts'

/** Part of the contract of the stores: instants, bytes and lists come back as they were written, on every backend. */
let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

describe('TokenStore.find', () => {
  const store = () => new TokenStore(server.deps.database, server.clock)

  it('gives the token and its pass with their types', async () => {
    server.clock.set('2030-03-01T23:59:59.987Z')
    const project = await server.createProject()
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
      hash: createHash('sha256').update(body.access_token).digest('hex'),
      live: true,
      scopes: ['read:data', "o'brien{},"],
      audience: 'urn:example:billing',
      issuedAt: new Date('2030-03-01T23:59:59.987Z'),
      expiresAt: new Date('2030-03-02T00:59:59.987Z'),
      payload: expect.objectContaining({ clientId: pass.credentials.clientId, kind: 'ClientCredentials' }),
      pass: {
        id: pass.id,
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

  it('keeps neither the value nor the times in the payload', async () => {
    const { credentials } = await server.createPass(await server.createProject())
    const token = await server.fetchToken(credentials)
    const found = await store().find(token)

    expect(JSON.stringify(found)).not.toContain(token)
    for (const member of ['jti', 'iat', 'exp']) expect(found?.payload).not.toHaveProperty(member)
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
})
