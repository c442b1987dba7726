import { startServer, type TestServer } from '../support/server.ts'
import { introspect, requestToken, sendForm, TOKEN } from './oauth-requests.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

describe('the answer to a grant (RFC 6749 sections 4.4.3 and 5.1)', () => {
  it('has the token, its kind, its lifetime and its scopes, and nothing else', async () => {
    const { credentials } = await server.createPass(await server.createProject())
    const answer = await requestToken(server, credentials)

    expect(answer.status).toBe(200)
    expect(answer.body).toEqual({
      access_token: expect.stringMatching(/^[A-Za-z0-9_-]{43,}$/),
      token_type: 'Bearer',
      expires_in: 900,
      scope: 'read write',
    })
  })

  it('is JSON that nobody may keep', async () => {
    const { credentials } = await server.createPass(await server.createProject())
    const answer = await requestToken(server, credentials)

    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers['www-authenticate']).toBeUndefined()
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('is a different token each time', async () => {
    const { credentials } = await server.createPass(await server.createProject())
    const tokens = [await server.fetchToken(credentials), await server.fetchToken(credentials)]

    expect(new Set(tokens).size).toBe(2)
  })

  it('takes the credentials from the body as well', async () => {
    const { credentials } = await server.createPass(await server.createProject())
    const answer = await sendForm(server, TOKEN, {
      grant_type: 'client_credentials',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
    })

    expect(answer.status).toBe(200)
    expect(answer.body.scope).toBe('read write')
  })

  it('ignores parameters that it does not know (RFC 6749 section 3.2)', async () => {
    const { credentials } = await server.createPass(await server.createProject())
    const answer = await requestToken(server, credentials, { flavour: 'vanilla', empty: '' })

    expect(answer.status).toBe(200)
  })
})

describe('the scopes of a grant', () => {
  const scopes = ['read:data', 'write:data', 'reports']

  it('are all of the pass when none is asked for', async () => {
    const { credentials } = await server.createPass(await server.createProject(), { scopes })

    expect((await requestToken(server, credentials)).body.scope).toBe('read:data write:data reports')
    expect((await requestToken(server, credentials, { scope: '' })).body.scope).toBe(
      'read:data write:data reports',
    )
  })

  it('are those asked for, and the token is good for no other', async () => {
    const { credentials } = await server.createPass(await server.createProject(), { scopes })
    const answer = await requestToken(server, credentials, { scope: 'reports read:data' })

    expect(answer.body.scope).toBe('reports read:data')
    const introspected = await introspect(server, credentials, answer.body.access_token)
    expect(introspected.body.scope).toBe('reports read:data')
  })

  it('are granted once where they are asked for twice', async () => {
    const { credentials } = await server.createPass(await server.createProject(), { scopes })
    const answer = await requestToken(server, credentials, { scope: 'reports reports' })

    expect(answer.body.scope).toBe('reports')
  })

  it.each([
    ["a scope that is not the pass's", 'admin:users', 'admin:users'],
    ["one that is not the pass's among those that are", 'read:data admin:users', 'admin:users'],
    ['one that differs in case', 'READ:DATA', 'READ:DATA'],
    ["the beginning of one of the pass's", 'read', 'read'],
    ['openid, which the library knows', 'openid read:data', 'openid'],
  ])('refuses %s, and drops none silently', async (_what, scope, named) => {
    const { credentials } = await server.createPass(await server.createProject(), { scopes })
    const answer = await requestToken(server, credentials, { scope })

    expect(answer.status).toBe(400)
    expect(answer.body.error).toBe('invalid_scope')
    expect(answer.body.error_description).toContain(named)
    expect(answer.body).not.toHaveProperty('access_token')
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  it.each([
    ['read:data  reports'],
    [' read:data'],
    ['read:data "reports"'],
    ['read:data\\'],
    ['lire:données'],
  ])('refuses %j, which is no list of scope tokens (RFC 6749 section 3.3)', async scope => {
    const { credentials } = await server.createPass(await server.createProject(), { scopes })
    const answer = await requestToken(server, credentials, { scope })

    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_scope'])
  })

  it('never have a2a by default, even where the pass lists it', async () => {
    const pass = await server.createPass(await server.createProject(), { scopes: ['read:data', 'a2a'] })

    expect((await requestToken(server, pass.credentials)).body.scope).toBe('read:data')
  })

  it('may be none at all', async () => {
    const pass = await server.createPass(await server.createProject(), { scopes: [] })
    const answer = await requestToken(server, pass.credentials)

    expect(answer.status).toBe(200)
    expect(answer.body).not.toHaveProperty('scope')
    const introspected = await introspect(server, pass.credentials, answer.body.access_token)
    expect(introspected.body).not.toHaveProperty('scope')
  })
})
