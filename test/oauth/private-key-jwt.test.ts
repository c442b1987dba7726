import * as client from 'openid-client'
import { startNode, startServer, type TestProject, type TestServer } from '../support/server.ts'
import * as helpers from './assertions.ts'
import { keyPair, withAssertion } from './assertions.ts'
import { INTROSPECT, manage, REVOKE, requestToken, sendForm, TOKEN } from './oauth-requests.ts'

let server: TestServer
let project: TestProject
beforeAll(async () => {
  server = await startServer()
  project = await server.createProject()
})
afterAll(() => server.close())

const signingPass = (fields: Record<string, unknown> = {}, alg = 'EdDSA') =>
  helpers.signingPass(server, project, fields, alg)
const assertion = (signer: helpers.Signer, options: helpers.AssertionOptions = {}) =>
  helpers.assertion(server, signer, options)
const ask = (value: string) => helpers.askByAssertion(server, value)

describe('a pass with keys', () => {
  it('gets a token by openid-client with nothing but its private key', async () => {
    const { clientId, key } = await signingPass()
    const config = await client.discovery(
      new URL(server.url),
      clientId,
      undefined,
      client.PrivateKeyJwt({ key, kid: 'key-1' }),
      { execute: [client.allowInsecureRequests], algorithm: 'oauth2' },
    )
    const tokens = await client.clientCredentialsGrant(config)
    expect(await client.tokenIntrospection(config, tokens.access_token)).toMatchObject({ active: true })
    await client.tokenRevocation(config, tokens.access_token)
    expect(await client.tokenIntrospection(config, tokens.access_token)).toMatchObject({ active: false })
  })

  it.each([['EdDSA'], ['ES256'], ['RS256'], ['PS256']])('signs with %s', async alg => {
    const signer = await signingPass({}, alg)
    expect((await ask(await assertion(signer))).status).toBe(200)
    expect((await ask(await assertion(signer, { audience: `${server.url}${TOKEN}` }))).status).toBe(200)
  })

  it('is on record with the key that it used', async () => {
    const signer = await signingPass()
    await ask(await assertion(signer))
    const { body } = await server.http
      .get(`/v1/api/oauth/agent/activity/logs?agent_user_id=${signer.agentUserId}`)
      .set('Api-Key', project.apiKey)
    expect(body.logs).toMatchObject([
      { activity_type: 'token_generation', metadata: { assertion_key: 'key-1' } },
    ])
  })

  it('may have a secret as well, once it is rotated', async () => {
    const signer = await signingPass()
    const { body } = await manage(server, project, 'post', `${signer.id}/rotate_key`)
    expect((await requestToken(server, body.meta.credentials)).status).toBe(200)
    expect((await ask(await assertion(signer))).status).toBe(200)
  })
})

describe('an assertion', () => {
  it('counts once, wherever it is shown again', async () => {
    const other = await startNode(server)
    try {
      const signer = await signingPass()
      const value = await assertion(signer)
      expect((await ask(value)).status).toBe(200)
      for (const node of [server, other])
        for (const path of [TOKEN, INTROSPECT, REVOKE]) {
          const form = withAssertion(value, { grant_type: 'client_credentials', token: 'any' })
          const again = await sendForm(node, path, form)
          expect([again.status, again.body.error]).toEqual([401, 'invalid_client'])
        }
      const shared = await assertion(signer)
      const answers = await Promise.all(
        [server, other, server, other].map(node =>
          sendForm(node, TOKEN, withAssertion(shared, { grant_type: 'client_credentials' })),
        ),
      )
      expect(answers.map(answer => answer.status).sort()).toEqual([200, 401, 401, 401])
    } finally {
      await other.close()
    }
  })

  it('for another server is refused although the request says that this is that one', async () => {
    const signer = await signingPass()
    const value = await assertion(signer, { audience: `http://elsewhere.example.com${TOKEN}` })
    const form = withAssertion(value, { grant_type: 'client_credentials' })
    const answer = await sendForm(server, TOKEN, form, { Host: 'elsewhere.example.com' })
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
  })

  it('of one pass does not use up the ids of another', async () => {
    const [one, other] = [await signingPass(), await signingPass()]
    expect((await ask(await assertion(one, { jti: 'same' }))).status).toBe(200)
    expect((await ask(await assertion(other, { jti: 'same' }))).status).toBe(200)
  })

  it.each([
    ['is meant for another server', { audience: 'https://elsewhere.example.com' }],
    ['has expired', { expiresIn: -60 }],
    ['could be used for more than an hour', { expiresIn: 3700 }],
    ['names a client that does not exist', { clientId: `sp_${'0'.repeat(22)}` }],
  ])('is refused when it %s', async (_why, options) => {
    const answer = await ask(await assertion(await signingPass(), options))
    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
  })

  it('says how long it may be good where it is good for longer, to who has signed it', async () => {
    const signer = await signingPass()
    const asked = async (key = signer.key) =>
      (await ask(await assertion(signer, { expiresIn: 3700, key }))).body.error_description
    expect(await asked()).toBe('the exp of a client assertion may lie 3600 seconds ahead at most')
    expect(await asked((await keyPair()).key)).toBe('client authentication failed')
  })

  it('is refused alike for a wrong key, a pass without keys and no pass at all', async () => {
    const signer = await signingPass()
    const { key } = await keyPair()
    const keyless = await server.createPass(project)
    const answers = await Promise.all(
      [signer.clientId, keyless.credentials.clientId, `sp_${'1'.repeat(22)}`].map(async clientId =>
        ask(await assertion(signer, { clientId, key })),
      ),
    )
    const seen = answers.map(({ status, body }) => JSON.stringify([status, body]))
    expect(new Set(seen).size).toBe(1)
    expect(answers[0]?.status).toBe(401)
  })

  it('tells a pass that proved itself why it may not be used', async () => {
    const signer = await signingPass()
    await manage(server, project, 'post', `${signer.id}/revoke`)
    const answer = await ask(await assertion(signer))
    expect(answer.status).toBe(401)
    expect(answer.body).toMatchObject({
      error: 'invalid_client',
      error_description: expect.stringMatching(/switched off/),
    })
  })

  it('ends with its key, and a new key counts at once, on every node', async () => {
    const other = await startNode(server)
    try {
      const signer = await signingPass()
      const grantAtOther = async (value: string) =>
        sendForm(other, TOKEN, withAssertion(value, { grant_type: 'client_credentials' }))
      expect((await grantAtOther(await assertion(signer))).status).toBe(200)
      const next = await keyPair()
      const update = { sentinelPass: { jwks: { keys: [next.jwk] } } }
      await manage(server, project, 'put', signer.id, update)
      expect((await grantAtOther(await assertion(signer))).status).toBe(401)
      expect((await grantAtOther(await assertion(signer, { key: next.key }))).status).toBe(200)
    } finally {
      await other.close()
    }
  })
})
