import { createSign, generateKeyPairSync } from 'node:crypto'
import { generateKeyPair } from 'jose'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import {
  type AssertionOptions,
  askByAssertion,
  assertion,
  keyPair,
  type Signer,
  signingPass,
  withAssertion,
} from './assertions.ts'
import { activityOf, INTROSPECT, REVOKE, sendForm, TOKEN } from './oauth-requests.ts'

let server: TestServer
let project: TestProject
let signer: Signer
beforeAll(async () => {
  server = await startServer()
  project = await server.createProject()
  signer = await signingPass(server, project)
})
afterAll(() => server.close())

/** What an assertion of the pass is answered, and the reason, to a request for a token. */
async function answered(
  options: AssertionOptions,
  from: Signer = signer,
): Promise<[number, string | undefined]> {
  const { status, body } = await askByAssertion(server, await assertion(server, from, options))
  return [status, body.error_description]
}

const UNTOLD = [401, 'client authentication failed']

describe('the life of an assertion', () => {
  it.each([
    ['lives an hour', { expiresIn: 3600 }],
    ['lives an hour by a clock that is ahead', { expiresIn: 3650, issuedIn: 50 }],
    ['lives an hour by a clock that is behind', { expiresIn: 3550, issuedIn: -50 }],
    ['has just expired by a clock that is behind', { expiresIn: -30, issuedIn: -90 }],
    ['was issued within the leeway', { issuedIn: 55 }],
    ['counts from within the leeway', { notBeforeIn: 55 }],
  ])('is good where it %s', async (_what, options) => {
    expect(await answered(options)).toEqual([200, undefined])
  })

  it.each([
    ['could be used for longer', { expiresIn: 3700 }, /3600 seconds ahead/],
    ['could be used for ever', { expiresIn: 1e15 }, /3600 seconds ahead/],
    ['was issued a day ahead', { issuedIn: 100_000, expiresIn: 3600 }, /iat.*clock/],
    ['was issued beyond the leeway', { issuedIn: 120 }, /iat.*clock/],
  ])('is too long where it %s, which who signed it is told', async (_what, options, reason) => {
    const [status, description] = await answered(options)
    expect(status).toBe(401)
    expect(description).toMatch(reason)
    const { key } = await keyPair()
    expect(await answered({ ...options, key })).toEqual(UNTOLD)
  })

  it.each([
    ['counts from beyond the leeway', { notBeforeIn: 120 }],
    ['has expired', { expiresIn: -61 }],
  ])('is refused where it %s', async (_what, options) => {
    expect((await answered(options))[0]).toBe(401)
  })

  it('is remembered for as long as it could be used, leeway and all', async () => {
    const value = await assertion(server, signer, { expiresIn: -30, issuedIn: -90 })
    expect((await askByAssertion(server, value)).status).toBe(200)
    expect((await askByAssertion(server, value)).status).toBe(401)
  })
})

describe('the audience of an assertion', () => {
  const url = (path: string) => `${server.url}${path}`

  it.each([
    ['the issuer', () => server.url],
    ['the issuer in a list', () => [server.url]],
    ['the token endpoint', () => url(TOKEN)],
    ['the token endpoint in a list', () => [url(TOKEN)]],
    ['both, as openid-client before 6 sends it', () => [server.url, url(TOKEN)]],
  ])('may be %s', async (_what, audience) => {
    expect(await answered({ audience: audience() })).toEqual([200, undefined])
  })

  it.each([INTROSPECT, REVOKE])('may be the endpoint that it is sent to: %s', async path => {
    for (const audience of [url(path), url(TOKEN), server.url]) {
      const form = withAssertion(await assertion(server, signer, { audience }), { token: 'x' })
      expect((await sendForm(server, path, form)).status).toBe(200)
    }
  })

  it.each([
    ['the issuer and a stranger', () => [server.url, 'https://elsewhere.example.com']],
    ['a stranger and the issuer', () => ['https://elsewhere.example.com', server.url]],
  ])('may not be %s, which who signed it is told', async (_what, audience) => {
    const [status, description] = await answered({ audience: audience() })
    expect(status).toBe(401)
    expect(description).toContain(`may name this server alone: ${server.url}`)
  })

  it.each([
    ['a stranger', () => 'https://elsewhere.example.com'],
    ['nobody', () => []],
    ['another endpoint', () => url(INTROSPECT)],
    ['the issuer with a slash', () => `${server.url}/`],
  ])('may not be %s', async (_what, audience) => {
    expect(await answered({ audience: audience() })).toEqual(UNTOLD)
  })
})

describe('the kid of an assertion', () => {
  const withKeys = async (...keys: { jwk: object }[]) =>
    signingPass(server, project, { jwks: { keys: keys.map(({ jwk }) => jwk) } })

  it('is a hint where the pass has one key that fits, which has no kid or another', async () => {
    for (const kid of [undefined, 'another']) {
      const own = await keyPair('EdDSA', kid ?? 'x')
      if (kid === undefined) delete own.jwk.kid
      const pass = await withKeys(own, await keyPair('ES256', 'key-2'))
      expect(await answered({ key: own.key }, pass)).toEqual([200, undefined])
      expect(await answered({ key: own.key, kid: null }, pass)).toEqual([200, undefined])
      expect(await answered({ key: (await keyPair()).key }, pass)).toEqual(UNTOLD)
    }
  })

  it('has to name one of several that fit, and who holds one is told which there are', async () => {
    const [one, other] = [await keyPair('EdDSA', 'one'), await keyPair('EdDSA', 'other')]
    const pass = await withKeys(one, other)
    const [status, description] = await answered({ key: other.key, kid: 'neither' }, pass)
    expect(status).toBe(401)
    expect(description).toMatch(/names none of the keys of this Sentinel Pass: one, other$/)
    expect(await answered({ key: (await keyPair()).key, kid: 'neither' }, pass)).toEqual(UNTOLD)
    expect(await answered({ key: other.key, kid: 'other' }, pass)).toEqual([200, undefined])
    expect(await answered({ key: other.key, kid: null }, pass)).toEqual([200, undefined])
    expect(await answered({ key: other.key, kid: 'one' }, pass)).toEqual(UNTOLD)
  })

  it('goes on record, no longer than a key can have', async () => {
    const pass = await signingPass(server, project)
    await answered({ kid: 'k'.repeat(5000) }, pass)
    const rows = await activityOf(server, project, pass.agentUserId)
    expect(rows).toMatchObject([{ metadata: { assertion_key: 'k'.repeat(200) } }])
  })
})

describe('the algorithm of an assertion', () => {
  it.each(['EdDSA', 'Ed25519'])(
    'may have either of its names for a key that is registered as %s',
    async alg => {
      const { key, jwk } = await keyPair()
      const pass = await signingPass(server, project, { jwks: { keys: [{ ...jwk, alg }] } })
      expect(await answered({ key }, pass)).toEqual([200, undefined])
      expect(await answered({ key, alg: 'Ed25519' }, pass)).toEqual([200, undefined])
    },
  )

  it('is the one that the key is registered for', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'RS256' }
    const pass = await signingPass(server, project, { jwks: { keys: [jwk] } })
    const value = await assertion(server, {
      ...pass,
      alg: 'RS256',
      key: (await generateKeyPair('RS256')).privateKey,
    })
    const [header = '', claims = ''] = value.split('.')
    const signature = createSign('sha256').update(`${header}.${claims}`).sign(privateKey, 'base64url')
    expect((await askByAssertion(server, `${header}.${claims}.${signature}`)).status).toBe(200)
  })
})

describe('a key that was stored before keys were judged', () => {
  it('verifies nothing where anybody can sign for it', async () => {
    const pass = await signingPass(server, project)
    const modulus =
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }).n ?? ''
    const stored = { keys: [{ kty: 'RSA', kid: 'key-1', n: modulus, e: 'AQ' }] }
    await server.deps.database.query('update passes set jwks = $2, version = version + 1 where id = $1', [
      pass.id,
      JSON.stringify(stored),
    ])
    // With e = 1 the signature is the padded digest itself (RFC 8017 section 9.2).
    const value = await assertion(server, {
      ...pass,
      alg: 'RS256',
      key: (await generateKeyPair('RS256')).privateKey,
    })
    const [header = '', claims = ''] = value.split('.')
    const digest = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(`${header}.${claims}`)))
    const info = Buffer.from('3031300d060960864801650304020105000420', 'hex')
    const padding = Buffer.alloc(256 - 3 - info.length - digest.length, 0xff)
    const forged = Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), info, digest])
    const answer = await askByAssertion(server, `${header}.${claims}.${forged.toString('base64url')}`)
    expect([answer.status, answer.body.error_description]).toEqual(UNTOLD)
  })
})
