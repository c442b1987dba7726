import { introspect, managementOf, requestToken } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

async function newPass(fields: Record<string, unknown> = {}) {
  const project = await server.createProject()
  const pass = await server.createPass(project, fields)
  const passes = managementOf(server, project)
  const attributes = async () => (await passes.read(pass.id)).body.data.attributes
  return { project, pass, passes, attributes }
}

const now = () => server.clock.date().toISOString()

describe('usageCount and lastUsedAt', () => {
  it('count each grant', async () => {
    const { pass, attributes } = await newPass()
    await server.fetchToken(pass.credentials)
    server.clock.advance({ seconds: 5 })
    await server.fetchToken(pass.credentials)
    expect(await attributes()).toMatchObject({ usageCount: 2, lastUsedAt: now() })
  })

  it('count each call with the token to this server', async () => {
    const { project, pass, passes, attributes } = await newPass({ scopes: ['passes:read'] })
    const token = await server.fetchToken(pass.credentials)
    server.clock.advance({ seconds: 5 })
    await managementOf(server, project, { Authorization: `Bearer ${token}` }).list()
    expect(await attributes()).toMatchObject({ usageCount: 2, lastUsedAt: now() })
    const listed = await passes.list()
    expect(listed.body.data[0].attributes).toMatchObject({ usageCount: 2, lastUsedAt: now() })
  })

  it('do not move by a refused grant', async () => {
    const { pass, attributes } = await newPass()
    await server.fetchToken(pass.credentials)
    const before = await attributes()
    server.clock.advance({ seconds: 5 })
    expect((await requestToken(server, pass.credentials, 'not:held')).status).toBe(400)
    const wrong = { ...pass.credentials, clientSecret: 'wrong' }
    expect((await requestToken(server, wrong)).status).toBe(401)
    expect(await attributes()).toEqual(before)
  })

  it('move by a call that was let in and then refused', async () => {
    const { pass, attributes } = await newPass()
    const { usageCount } = await attributes()
    server.clock.advance({ seconds: 5 })
    const { clientId, clientSecret } = pass.credentials
    const refused = await server.http
      .post('/v1/api/oauth/introspect')
      .auth(clientId, clientSecret)
      .type('form')
      .send({ token: 'x', client_ip: 'nowhere' })
    expect(refused.status).toBe(400)
    expect(await attributes()).toMatchObject({
      usageCount: Number(usageCount) + 1,
      lastUsedAt: server.clock.date().toISOString(),
    })
  })

  it('do not move by what an API key does to the pass or its token', async () => {
    const { project, pass, passes, attributes } = await newPass()
    const token = await server.fetchToken(pass.credentials)
    const before = await attributes()
    server.clock.advance({ seconds: 5 })
    expect(await introspect(server, project, token)).toMatchObject({ active: true })
    await passes.act(pass.id, 'activate')
    const { usageCount, lastUsedAt } = await attributes()
    expect({ usageCount, lastUsedAt }).toEqual({
      usageCount: before.usageCount,
      lastUsedAt: before.lastUsedAt,
    })
  })

  it('count each pass for itself', async () => {
    const project = await server.createProject()
    const used = await server.createPass(project, { title: 'Used' })
    await server.createPass(project, { title: 'Unused' })
    await server.fetchToken(used.credentials)
    const { body } = await managementOf(server, project).list({ sort_by: 'title', sort_order: 'asc' })
    const counts = body.data.map((one: { attributes: { title: string; usageCount: number } }) => [
      one.attributes.title,
      one.attributes.usageCount,
    ])
    expect(counts).toEqual([
      ['Unused', 0],
      ['Used', 1],
    ])
  })
})

describe('the secrets of a pass', () => {
  it('show when and from where each was last used, and neither value nor hash', async () => {
    const { pass, attributes } = await newPass()
    const createdAt = now()
    const [unused] = (await attributes()).secrets
    expect(unused).toEqual({
      id: expect.any(String),
      createdAt,
      expiresAt: null,
      lastUsedAt: null,
      lastUsedIp: null,
    })
    server.clock.advance({ minutes: 1 })
    await server.fetchToken(pass.credentials)
    expect((await attributes()).secrets).toEqual([{ ...unused, lastUsedAt: now(), lastUsedIp: '127.0.0.1' }])
  })

  it('are not used by a call with a token', async () => {
    const { project, pass, attributes } = await newPass({ scopes: ['passes:read'] })
    const token = await server.fetchToken(pass.credentials)
    const before = await attributes()
    server.clock.advance({ minutes: 1 })
    await managementOf(server, project, { Authorization: `Bearer ${token}` }).list()
    const after = await attributes()
    expect(after.secrets).toEqual(before.secrets)
    expect(after.lastUsedAt).toBe(now())
  })

  it('show during a graceful rotation when the old one has gone quiet', async () => {
    const { pass, passes, attributes } = await newPass()
    const { body } = await passes.act(pass.id, 'rotate_key', { gracePeriodSeconds: 3600 })
    server.clock.advance({ minutes: 1 })
    await server.fetchToken(pass.credentials)
    const oldUsedAt = now()
    server.clock.advance({ minutes: 1 })
    await server.fetchToken(body.meta.credentials)
    const { secrets } = await attributes()
    expect(secrets).toHaveLength(2)
    expect(secrets[0]).toMatchObject({ expiresAt: null, lastUsedAt: now() })
    expect(secrets[1]).toMatchObject({ expiresAt: expect.any(String), lastUsedAt: oldUsedAt })
  })
})
