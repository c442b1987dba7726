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
  const update = async (sent: Record<string, unknown>) => {
    expect((await passes.update(pass.id, sent)).status).toBe(200)
  }
  return {
    pass,
    passes,
    update,
    inspect: (token: string) => introspect(server, project, token),
    asPass: (token: string) => managementOf(server, project, { Authorization: `Bearer ${token}` }),
  }
}

const inSeconds = (seconds: number) => new Date(server.clock.now() + seconds * 1000).toISOString()

describe('a change of the scopes', () => {
  it('counts from the next grant: what was taken away is refused', async () => {
    const { pass, update } = await newPass({ scopes: ['read', 'write'] })
    await server.fetchToken(pass.credentials, 'write')
    await update({ scopes: ['read'] })
    const refused = await requestToken(server, pass.credentials, 'write')
    expect({ status: refused.status, error: refused.body.error }).toEqual({
      status: 400,
      error: 'invalid_scope',
    })
    expect((await requestToken(server, pass.credentials)).body.scope).toBe('read')
  })

  it('counts from the next grant: what was added is granted', async () => {
    const { pass, update } = await newPass({ scopes: ['read'] })
    expect((await requestToken(server, pass.credentials, 'write')).status).toBe(400)
    await update({ scopes: ['read', 'write'] })
    expect((await requestToken(server, pass.credentials, 'write')).body.scope).toBe('write')
  })

  it('leaves a live token with what it was granted', async () => {
    const { pass, update, inspect, asPass } = await newPass({ scopes: ['passes:read', 'read'] })
    const token = await server.fetchToken(pass.credentials)
    await update({ scopes: ['write'] })
    expect(await inspect(token)).toMatchObject({ active: true, scope: 'passes:read read' })
    expect((await asPass(token).list()).status).toBe(200)
  })

  it('gives a live token nothing more', async () => {
    const { pass, update, inspect, asPass } = await newPass({ scopes: ['read'] })
    const token = await server.fetchToken(pass.credentials)
    await update({ scopes: ['read', 'passes:read'] })
    expect(await inspect(token)).toMatchObject({ active: true, scope: 'read' })
    expect((await asPass(token).list()).status).toBe(403)
  })
})

describe('the end of validity', () => {
  it.each(['validUntil', 'expiresAt'])('brought forward as %s shortens live tokens', async name => {
    const { pass, update, inspect } = await newPass()
    const token = await server.fetchToken(pass.credentials)
    await update({ [name]: inSeconds(60) })
    expect(await inspect(token)).toMatchObject({ active: true, exp: server.clock.now() / 1000 + 60 })
    server.clock.advance({ ms: 59_999 })
    expect(await inspect(token)).toMatchObject({ active: true })
    server.clock.advance({ ms: 1 })
    expect(await inspect(token)).toEqual({ active: false })
  })

  it('brought forward ends live tokens when it comes, at this server’s own API too', async () => {
    const { pass, update, inspect, asPass } = await newPass({ scopes: ['passes:read'] })
    server.clock.advance({ seconds: 10 })
    const token = await server.fetchToken(pass.credentials)
    expect((await asPass(token).list()).status).toBe(200)
    await update({ validUntil: inSeconds(1) })
    server.clock.advance({ seconds: 1 })
    expect(await inspect(token)).toEqual({ active: false })
    expect((await asPass(token).list()).status).toBe(401)
    expect((await requestToken(server, pass.credentials)).status).toBe(401)
  })

  it('put off does not lengthen live tokens', async () => {
    const { pass, update, inspect } = await newPass({ validUntil: inSeconds(60) })
    const token = await server.fetchToken(pass.credentials)
    const before = await inspect(token)
    await update({ validUntil: null })
    expect(await inspect(token)).toEqual(before)
    server.clock.advance({ seconds: 60 })
    expect(await inspect(token)).toEqual({ active: false })
    expect((await requestToken(server, pass.credentials)).status).toBe(200)
  })

  it('is not outlived by a new token', async () => {
    const { pass } = await newPass({ validUntil: inSeconds(60) })
    expect((await requestToken(server, pass.credentials)).body.expires_in).toBe(60)
  })
})

describe('a change of the token lifetime', () => {
  it('counts from the next grant', async () => {
    const { pass, update } = await newPass()
    expect((await requestToken(server, pass.credentials)).body.expires_in).toBe(900)
    await update({ tokenTtl: 120 })
    expect((await requestToken(server, pass.credentials)).body.expires_in).toBe(120)
    await update({ accessLevel: 'enterprise', tokenTtl: null })
    expect((await requestToken(server, pass.credentials)).body.expires_in).toBe(3600)
  })
})

describe('an end of validity that was brought forward', () => {
  it('ends live tokens for good: extending the pass brings none of them back', async () => {
    const { pass, update, inspect } = await newPass({ accessLevel: 'premium' })
    const token = await server.fetchToken(pass.credentials)
    await update({ validUntil: inSeconds(60) })
    expect(await inspect(token)).toMatchObject({
      active: true,
      exp: Math.floor(server.clock.now() / 1000) + 60,
    })
    server.clock.advance({ seconds: 61 })
    await update({ validUntil: inSeconds(86_400) })
    expect(await inspect(token)).toEqual({ active: false })
    expect(await inspect(await server.fetchToken(pass.credentials))).toMatchObject({ active: true })
  })

  it('leaves a token that ends sooner with its own end', async () => {
    const { pass, update, inspect } = await newPass({ tokenTtl: 30 })
    const token = await server.fetchToken(pass.credentials)
    await update({ validUntil: inSeconds(3600) })
    expect(await inspect(token)).toMatchObject({ exp: Math.floor(server.clock.now() / 1000) + 30 })
  })
})
