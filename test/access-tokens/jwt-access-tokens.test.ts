import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import {
  basic,
  introspect,
  introspectWithKey,
  isActive,
  manage,
  REVOKE,
  requestToken,
  sendForm,
} from '../oauth/oauth-requests.ts'
import { createResource } from '../support/resource-servers.ts'
import {
  startNode,
  startServer,
  type TestCredentials,
  type TestPass,
  type TestProject,
  type TestServer,
} from '../support/server.ts'

const ES256_API = 'https://ledger.example.com'
const RS256_API = 'https://legacy.example.com/api'
const OPAQUE_API = 'https://simple.example.com'

let server: TestServer
let project: TestProject
beforeAll(async () => {
  server = await startServer()
  project = await server.createProject()
  for (const attributes of [
    { resource: ES256_API, tokenFormat: 'jwt', signingAlg: 'ES256' },
    { resource: RS256_API, signingAlg: 'RS256' },
    { resource: OPAQUE_API, tokenFormat: 'opaque' },
  ])
    await createResource(server, project, attributes)
})
afterAll(() => server.close())

let pass: TestPass
beforeEach(async () => {
  pass = await server.createPass(project, {
    tokenFormat: 'jwt',
    scopes: ['read:data', 'write:data'],
    resources: [ES256_API, RS256_API, OPAQUE_API],
  })
})

/** Checks a token as a resource server does that knows nothing but the published keys (RFC 9068 section 4). */
async function verify(token: string, audience: string) {
  const { body } = await server.http.get('/.well-known/jwks.json')
  const keys: JSONWebKeySet = body
  const options = { issuer: server.url, audience, typ: 'at+jwt', currentDate: server.clock.date() }
  return jwtVerify(token, createLocalJWKSet(keys), options)
}

const revoke = (caller: TestCredentials, token: string) => sendForm(server, REVOKE, { token }, basic(caller))

const projectUrl = () => `${server.url}${project.path}`

async function granted(fields: Record<string, string> = {}): Promise<string> {
  const answer = await requestToken(server, pass.credentials, fields)
  expect(answer.body).toMatchObject({ access_token: expect.any(String), token_type: 'Bearer' })
  return answer.body.access_token
}

// The first grant of a client takes the library's way, the second the short one.
describe.each([['the first'], ['a later']])('%s JWT of a pass', which => {
  it('is verified by the published keys alone and says whose it is', async () => {
    if (which === 'a later') await granted()
    const token = await granted({ scope: 'read:data' })
    const { payload, protectedHeader } = await verify(token, projectUrl())
    const now = Math.floor(server.clock.now() / 1000)

    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) })
    expect(payload).toEqual({
      iss: server.url,
      sub: pass.credentials.clientId,
      aud: projectUrl(),
      client_id: pass.credentials.clientId,
      scope: 'read:data',
      agent_user_id: pass.credentials.agentUserId,
      project_id: project.projectId,
      pass_epoch: 1,
      jti: expect.any(String),
      iat: now,
      exp: now + 900,
    })
  })
})

describe('the audience and the algorithm of a JWT', () => {
  it('are those of the resource server that was asked for', async () => {
    const ledger = await granted({ resource: ES256_API })
    expect((await verify(ledger, ES256_API)).protectedHeader.alg).toBe('ES256')
    const legacy = await granted({ resource: RS256_API })
    expect((await verify(legacy, RS256_API)).protectedHeader.alg).toBe('RS256')
    await expect(verify(legacy, ES256_API)).rejects.toThrow(/aud/)
  })

  it('make a JWT for a pass of opaque tokens where the resource server wants one, and the other way round', async () => {
    const opaque = await server.createPass(project, { resources: [ES256_API] })
    const answer = await requestToken(server, opaque.credentials, { resource: ES256_API })
    await expect(verify(answer.body.access_token, ES256_API)).resolves.toBeDefined()
    expect(await server.fetchToken(opaque.credentials)).not.toContain('.')
    expect(await granted({ resource: OPAQUE_API })).not.toContain('.')
  })

  it('let a JWT into this API only when it is meant for it', async () => {
    const owner = await server.createPass(project, { tokenFormat: 'jwt', scopes: ['passes:read'] })
    const read = (token: string) =>
      server.http.get(`${project.path}/sentinel_passes`).set('Authorization', `Bearer ${token}`)
    const ask = async (fields: Record<string, string>) =>
      (await requestToken(server, owner.credentials, fields)).body.access_token

    expect((await read(await ask({ resource: pass.credentials.apiBaseUrl }))).status).toBe(200)
    const refused = await read(await ask({}))
    expect([refused.status, refused.body.detail]).toEqual([401, expect.stringContaining(projectUrl())])
  })
})

describe('a JWT at this server', () => {
  it('is introspected like an opaque token', async () => {
    const token = await granted()
    const claims = decodeJwt(token)
    const expected = { active: true, jti: claims.jti, aud: projectUrl(), exp: claims.exp, iat: claims.iat }
    expect((await introspect(server, pass.credentials, token)).body).toMatchObject(expected)
    expect((await introspectWithKey(server, project, token)).body).toMatchObject(expected)
    const { body } = await introspectWithKey(server, await server.createProject(), token)
    expect(body).toEqual({ active: false })
  })

  it('is on record with the id of its grant', async () => {
    const { jti } = decodeJwt(await granted())
    const { body } = await server.http
      .get(`/v1/api/oauth/agent/activity/logs?agent_user_id=${pass.credentials.agentUserId}`)
      .set('Api-Key', project.apiKey)
    expect(body.logs[0].metadata.token_id).toBe(jti)
  })

  it('is revoked by its pass, and not by another', async () => {
    const token = await granted()
    const other = await server.createPass(project)
    expect((await revoke(other.credentials, token)).status).toBe(200)
    expect(await isActive(server, project, token)).toBe(true)
    expect((await revoke(pass.credentials, token)).status).toBe(200)
    expect(await isActive(server, project, token)).toBe(false)
  })

  it.each([
    [
      'the pass is revoked with its tokens',
      () => manage(server, project, 'post', `${pass.id}/revoke`, { revokeTokens: true }),
    ],
    [
      'the pass is shortened',
      () => {
        const validUntil = new Date(server.clock.now() + 1000)
        return manage(server, project, 'put', pass.id, { sentinelPass: { validUntil } })
      },
    ],
  ])('ends when %s', async (_when, act) => {
    const token = await granted()
    await act()
    server.clock.advance({ seconds: 1 })
    expect(await isActive(server, project, token)).toBe(false)
  })

  it('ends with its pass', async () => {
    const token = await granted()
    await manage(server, project, 'delete', pass.id)
    expect(await isActive(server, project, token)).toBe(false)
  })

  it('is not active when any part of it is changed', async () => {
    const [header = '', payload = '', signature = ''] = (await granted()).split('.')
    const claims = { ...decodeJwt(`${header}.${payload}.`), scope: 'passes:write' }
    const forged = Buffer.from(JSON.stringify(claims)).toString('base64url')
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')
    for (const token of [`${header}.${forged}.${signature}`, `${none}.${payload}.`, `${header}.${payload}.`])
      for (const answer of [
        await introspect(server, pass.credentials, token),
        await introspectWithKey(server, project, token),
      ])
        expect([answer.status, answer.body]).toEqual([200, { active: false }])
  })
})

describe('the keys that sign', () => {
  const kidOf = (token: string) => decodeProtectedHeader(token).kid
  const published = async () => {
    const { body } = await server.http.get('/.well-known/jwks.json')
    return body.keys.map((key: { kid: string }) => key.kid)
  }

  it('are published before they sign, and until the last token that they signed has ended', async () => {
    const before = kidOf(await granted())
    const { kid: next } = await server.deps.signingKeys.store.rotate('ES256')
    expect(await published()).toEqual(expect.arrayContaining([before, next]))
    expect(kidOf(await granted())).toBe(before)
    server.clock.advance({ minutes: 10 })
    const last = await granted()
    expect(kidOf(last)).toBe(next)
    server.clock.advance({ minutes: 59 })
    expect(await published()).toEqual(expect.arrayContaining([before, next]))
    server.clock.advance({ minutes: 1 })
    expect(await published()).not.toContain(before)
    expect(await published()).toContain(next)
  })

  it('are replaced after their time without anybody doing anything', async () => {
    const before = kidOf(await granted())
    server.clock.advance({ days: 90 })
    expect(kidOf(await granted())).toBe(before)
    server.clock.advance({ minutes: 10 })
    expect(kidOf(await granted())).not.toBe(before)
  })

  it('end with all that they signed when they are pulled, on every node at the next request', async () => {
    const other = await startNode(server)
    try {
      const token = await granted()
      const opaque = await granted({ resource: OPAQUE_API })
      const pulled = kidOf(token) ?? ''
      expect(await other.deps.signingKeys.store.pull(pulled)).toBe(true)
      expect(await isActive(server, project, token)).toBe(false)
      expect(await isActive(server, project, opaque)).toBe(true)
      expect(await published()).not.toContain(pulled)
      const next = await granted()
      expect(kidOf(next)).not.toBe(pulled)
      await expect(verify(next, projectUrl())).resolves.toBeDefined()
      expect(await other.deps.signingKeys.store.pull(pulled)).toBe(false)
    } finally {
      await other.close()
    }
  })

  it('are made once by nodes that need one at the same time', async () => {
    const made = await Promise.all(
      Array.from({ length: 4 }, () => server.deps.signingKeys.store.rotate('RS256')),
    )
    expect(new Set(made.map(key => key.kid)).size).toBe(1)
  })
})
