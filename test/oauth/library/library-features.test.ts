import { isDeepStrictEqual } from 'node:util'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import makeDefaults from 'oidc-provider/lib/helpers/defaults.js'
import internalsOf from 'oidc-provider/lib/helpers/weak_cache.js'
import { FEATURES, OPTIONS } from '../../../src/oauth/library/library-features.ts'
import { startServer, type TestServer } from '../../support/server.ts'
import { Browser, beginSignIn, createUser, discoverConsole, PASSWORD } from '../../support/sign-in.ts'
import { activityOf, introspectWithKey, requestToken, sendForm, TOKEN } from '../oauth-requests.ts'
import knownDefaults from './library-defaults.json' with { type: 'json' }

const AUTHORIZE = '/v1/api/oauth/authorize'

let server: TestServer
/** The same, where the library answers every grant. */
let reference: TestServer
beforeAll(async () => {
  server = await startServer()
  reference = await startServer({ env: { PLAIN_GRANTS: 'off' } })
})
afterAll(async () => {
  await server.close()
  await reference.close()
})

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** Values by their paths; a function by its being one. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  if (isRecord(value) && Object.keys(value).length > 0)
    return Object.entries(value).flatMap(([name, member]) => leaves(member, path ? `${path}.${name}` : name))
  const shown = typeof value === 'function' ? 'a function' : value
  return [[path, shown === undefined ? null : JSON.parse(JSON.stringify(shown))]]
}

/** Options that the library makes into something else, whatever it is given. */
const MADE_INTO_SOMETHING = ['claims', 'clients', 'interactions', 'jwks']

/** A value that can be compared: the library makes sets of lists. */
const plain = (value: unknown): unknown => {
  if (value instanceof Set) return [...value]
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}

describe('the library', () => {
  const defaults = makeDefaults()

  it('has no feature that is not decided on', () => {
    expect(Object.keys(FEATURES).sort()).toEqual(Object.keys(Object(defaults.features)).sort())
  })

  it('has no option that is not decided on', () => {
    const { features: _features, ...options } = defaults
    expect(Object.keys(OPTIONS).sort()).toEqual(Object.keys(options).sort())
  })

  it('has the defaults that were decided on: look at what has changed, and then bring the list along', () => {
    const { interactions: _policy, ...others } = defaults
    expect(Object.fromEntries(leaves(others))).toEqual(knownDefaults)
  })
})

describe.each(['machines', 'people'] as const)('the provider for %s', who => {
  const provider = () => (who === 'machines' ? server.deps.oauth.provider : server.deps.signIn.provider)

  it('has exactly the features of the table', () => {
    const decided = Object.entries(FEATURES).map(([name, { on }]) => [name, on.some(one => one === who)])
    const actual = Object.entries(internalsOf(provider()).features).map(([name, { enabled }]) => [
      name,
      enabled,
    ])
    expect(actual.sort()).toEqual(decided.sort())
  })

  it('has its one grant', () => {
    const { grantTypes } = internalsOf(provider()).configuration
    expect([...grantTypes]).toEqual([who === 'machines' ? 'client_credentials' : 'authorization_code'])
  })

  it('gives a value of its own to the options that the table says, and to no other', () => {
    const defaults = makeDefaults()
    const { configuration } = internalsOf(provider())
    const own = Object.keys(OPTIONS).filter(
      name => !isDeepStrictEqual(plain(configuration[name]), plain(defaults[name])),
    )
    const decided = Object.entries(OPTIONS).flatMap(([name, [given]]) =>
      given === 'both' || given === who ? [name] : [],
    )
    expect(own.filter(name => !MADE_INTO_SOMETHING.includes(name)).sort()).toEqual(
      decided.filter(name => !MADE_INTO_SOMETHING.includes(name)).sort(),
    )
  })
})

/** A good proof for the token endpoint (RFC 9449 section 4.2). */
async function proofFor(node: TestServer) {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  const proof = await new SignJWT({ htm: 'POST', htu: node.url + TOKEN, jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
    .setIssuedAt()
    .sign(privateKey)
  return { proof, thumbprint: await calculateJwkThumbprint(jwk) }
}

describe.each([
  ['the short way', () => server],
  ['the library', () => reference],
])('a DPoP proof, answered by %s', (_way, node) => {
  it('binds nothing, and the answer does not say that it did', async () => {
    const project = await node().createProject()
    const { id, credentials } = await node().createPass(project)
    await node().fetchToken(credentials)
    node().clock.advance({ minutes: 1 })
    for (const DPoP of [(await proofFor(node())).proof, 'no proof at all']) {
      const answer = await requestToken(node(), credentials, {}, { DPoP })
      expect([answer.status, answer.body.token_type]).toEqual([200, 'Bearer'])
      expect(answer.headers).not.toHaveProperty('dpop-nonce')
      const introspected = await introspectWithKey(node(), project, answer.body.access_token)
      expect(introspected.body).toMatchObject({ active: true, token_type: 'Bearer' })
      expect(introspected.body).not.toHaveProperty('cnf')
    }
    const rows = await activityOf(node(), project, credentials.agentUserId)
    for (const { metadata } of rows) {
      expect(metadata).toHaveProperty('secret_id')
      expect(metadata).not.toHaveProperty('assertion_key')
    }
    const pass = await node().http.get(`${project.path}/sentinel_passes/${id}`).set('Api-Key', project.apiKey)
    expect(pass.body.data.attributes.lastUsedAt).toBe(node().clock.date().toISOString())
  })
})

describe('a sign-in', () => {
  const fields = (extra: Record<string, string>) => ({
    client_id: 'sentinel-pass-console',
    redirect_uri: `${server.url}/console/callback`,
    response_type: 'code',
    scope: 'openid',
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
    state: 'the state',
    ...extra,
  })
  const begin = (extra: Record<string, string>) => server.http.get(AUTHORIZE).query(fields(extra))

  it.each(['form_post', 'web_message', 'jwt', 'query.jwt', 'form_post.jwt', 'x'])(
    'is not answered by response_mode=%s: a redirect says so',
    async responseMode => {
      const answer = await begin({ response_mode: responseMode })
      expect(answer.status).toBe(303)
      const { searchParams } = new URL(answer.headers.location ?? '')
      expect(searchParams.get('error')).toBe('unsupported_response_mode')
      expect(searchParams.get('state')).toBe('the state')
      expect(answer.text).not.toContain('<form')
    },
  )

  it('is not answered in the fragment but with an error', async () => {
    const answer = await begin({ response_mode: 'fragment' })
    expect(answer.status).toBe(303)
    const { hash } = new URL(answer.headers.location ?? '')
    expect(new URLSearchParams(hash.slice(1)).get('error')).toBe('invalid_request')
  })

  it.each([
    // Their answers would be in the fragment, which is refused first.
    ['id_token', 'invalid_request'],
    ['code id_token', 'invalid_request'],
    ['token', 'invalid_request'],
    ['none', 'unsupported_response_type'],
    ['x', 'unsupported_response_type'],
  ])('has no response_type=%s', async (responseType, error) => {
    const answer = await begin({ response_type: responseType, nonce: 'n' })
    expect(answer.status).toBe(303)
    const { hash, searchParams } = new URL(answer.headers.location ?? '')
    expect(searchParams.get('error') ?? new URLSearchParams(hash.slice(1)).get('error')).toBe(error)
  })

  it.each([
    ['claims', '{"id_token":{"email":null}}', 'invalid_request'],
    ['resource', 'https://api.example.com', 'invalid_request'],
    ['audience', 'https://api.example.com', 'invalid_request'],
    ['authorization_details', '[{"type":"x"}]', 'invalid_request'],
    ['request', 'e30.e30.', 'request_not_supported'],
    ['request_uri', 'urn:ietf:params:oauth:request_uri:x', 'request_uri_not_supported'],
    ['request_uri', 'https://evil.test/request', 'request_uri_not_supported'],
    ['registration', '{}', 'registration_not_supported'],
  ])('with %s=%s is refused, not begun without it', async (name, value, error) => {
    const answer = await begin({ [name]: value })
    expect(answer.status).toBe(303)
    expect(new URL(answer.headers.location ?? '').searchParams.get('error')).toBe(error)
  })

  it.each([
    ['that is begun', {}],
    ['that is refused by a redirect', { claims: '{}' }],
    ['of an unknown client', { client_id: 'x' }],
    ['that would lead elsewhere', { redirect_uri: 'https://evil.test/' }],
    ['answered in a form', { response_mode: 'form_post' }],
    ['answered in a form, of another type', { response_mode: 'form_post', response_type: 'token' }],
  ])('%s is answered with a policy and without a script', async (_what, extra: Record<string, string>) => {
    const answer = await begin(extra).set('Accept', 'text/html')
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    expect(answer.text).not.toContain('<script')
  })

  it('takes no request by POST, and none to be pushed', async () => {
    expect((await server.http.post(AUTHORIZE).type('form').send(fields({}))).status).toBe(405)
    expect((await server.http.post('/request').type('form').send(fields({}))).status).toBe(404)
  })

  async function code() {
    const user = await createUser(server)
    const client = await discoverConsole(server)
    const { url, verifier } = await beginSignIn(server, client)
    const browser = new Browser()
    const page = await browser.follow(url)
    const { url: callback } = await browser.submit(page.url, {
      email: user.email,
      password: PASSWORD,
      code: '',
    })
    return {
      grant_type: 'authorization_code',
      client_id: 'sentinel-pass-console',
      redirect_uri: `${server.url}/console/callback`,
      code: callback.searchParams.get('code') ?? '',
      code_verifier: verifier,
    }
  }

  it('gives a bearer token for its code, with a DPoP proof as well', async () => {
    const { proof } = await proofFor(server)
    const answer = await sendForm(server, TOKEN, await code(), { DPoP: proof })
    expect([answer.status, answer.body.token_type]).toEqual([200, 'Bearer'])
  })

  it.each(['resource', 'audience', 'authorization_details', 'claims'])(
    'gives none for less than it would be good for: %s',
    async name => {
      const answer = await sendForm(server, TOKEN, { ...(await code()), [name]: 'x' })
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
      expect(answer.body.error_description).toContain(name)
    },
  )
})
