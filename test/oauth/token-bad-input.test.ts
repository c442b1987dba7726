import type { Response } from 'supertest'
import { startServer, type TestCredentials, type TestServer } from '../support/server.ts'
import { basic, INTROSPECT, REVOKE, requestToken, sendForm, TOKEN } from './oauth-requests.ts'

let server: TestServer
let credentials: TestCredentials
beforeAll(async () => {
  server = await startServer()
  credentials = (await server.createPass(await server.createProject())).credentials
})
afterAll(() => server.close())

const grant = { grant_type: 'client_credentials' }
const base64 = (text: string): string => Buffer.from(text).toString('base64')

function expectOAuthError(answer: Response, status: number, error: string): void {
  expect([answer.status, answer.body.error]).toEqual([status, error])
  expect(answer.body.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  expect(answer.headers['content-type']).toMatch(/^application\/json/)
  expect(answer.headers['cache-control']).toBe('no-store')
}

describe('a faulty token request (RFC 6749 section 5.2)', () => {
  it('is refused without a grant_type', async () => {
    expectOAuthError(
      await sendForm(server, TOKEN, { scope: 'read' }, basic(credentials)),
      400,
      'invalid_request',
    )
  })

  it.each([
    ['password'],
    ['authorization_code'],
    ['refresh_token'],
    ['implicit'],
    ['urn:unknown'],
    ['__proto__'],
  ])('is refused with the grant type %s', async grantType => {
    const answer = await requestToken(server, credentials, { grant_type: grantType })

    expectOAuthError(answer, 400, 'unsupported_grant_type')
  })

  it.each([['grant_type'], ['scope'], ['client_id'], ['client_secret']])(
    'is refused with two of %s',
    async name => {
      const form: [string, string][] = [
        ...Object.entries(grant),
        ['scope', 'read'],
        ['client_id', credentials.clientId],
        ['client_secret', credentials.clientSecret],
      ]
      const twice = form.filter(([each]) => each === name)
      const answer = await sendForm(server, TOKEN, [...form, ...twice])

      expectOAuthError(answer, 400, 'invalid_request')
      expect(answer.body.error_description).toContain(name)
    },
  )

  it.each([
    ['application/json', JSON.stringify(grant)],
    ['multipart/form-data; boundary=x', '--x--'],
    ['text/plain', 'grant_type=client_credentials'],
  ])('is refused as %s', async (type, body) => {
    const answer = await server.http.post(TOKEN).set(basic(credentials)).set('Content-Type', type).send(body)

    expectOAuthError(answer, 400, 'invalid_request')
  })

  it('is refused without a body', async () => {
    expectOAuthError(await server.http.post(TOKEN).set(basic(credentials)), 400, 'invalid_request')
  })

  it('is refused when it is too large', async () => {
    const answer = await requestToken(server, credentials, { padding: 'x'.repeat(60 * 1024) })

    expectOAuthError(answer, 413, 'invalid_request')
  })

  it('is refused without credentials', async () => {
    expectOAuthError(await sendForm(server, TOKEN, grant), 401, 'invalid_client')
  })

  it('is refused with a client id alone', async () => {
    const answer = await sendForm(server, TOKEN, { ...grant, client_id: credentials.clientId })

    expectOAuthError(answer, 401, 'invalid_client')
  })

  it.each([
    ['that is not base64', 'Basic ***'],
    ['without a colon', `Basic ${base64('no colon')}`],
    ['without a secret', () => `Basic ${base64(`${credentials.clientId}:`)}`],
    ['of bad percent-encoding', `Basic ${base64('%zz:%zz')}`],
    ['with a control character', `Basic ${base64('id%00:secret')}`],
    ['with nothing behind the scheme', 'Basic'],
  ])('is refused with an Authorization %s', async (_what, header) => {
    const Authorization = typeof header === 'string' ? header : header()

    expectOAuthError(await sendForm(server, TOKEN, grant, { Authorization }), 400, 'invalid_request')
  })

  it('is refused with credentials in the header and in the body', async () => {
    const both = { client_id: credentials.clientId, client_secret: credentials.clientSecret }
    const answer = await requestToken(server, credentials, both)

    expectOAuthError(answer, 400, 'invalid_request')
  })

  it('is refused when header and body name different clients', async () => {
    const answer = await requestToken(server, credentials, { client_id: 'sp_0000000000000000000000' })

    expectOAuthError(answer, 400, 'invalid_request')
  })

  it('is answered in JSON even to somebody who would rather read HTML', async () => {
    const answer = await sendForm(server, TOKEN, grant, { Accept: 'text/html' })

    expectOAuthError(answer, 401, 'invalid_client')
  })

  it('is not answered by GET', async () => {
    const answer = await server.http.get(TOKEN).query(grant)

    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe('POST')
  })
})

describe('anything at all', () => {
  const inputs: readonly [what: string, type: string, body: string][] = [
    ['broken percent-encoding', 'application/x-www-form-urlencoded', 'grant_type=%E0%A4%A&scope=%'],
    ['a NUL', 'application/x-www-form-urlencoded', 'grant_type=client_credentials&scope=%00&token=%00'],
    ['a lone surrogate', 'application/x-www-form-urlencoded', 'token=%ED%A0%80&scope=%ED%A0%80'],
    [
      'names of Object.prototype',
      'application/x-www-form-urlencoded',
      '__proto__=1&constructor=2&toString=3',
    ],
    ['nested names', 'application/x-www-form-urlencoded', 'token[a]=1&grant_type[]=client_credentials'],
    ['only separators', 'application/x-www-form-urlencoded', '&&&===&&'],
    [
      'an unknown charset',
      'application/x-www-form-urlencoded; charset=klingon',
      'grant_type=client_credentials',
    ],
    ['a content type that is none', '///', 'grant_type=client_credentials'],
  ]
  const paths = [TOKEN, INTROSPECT, REVOKE]

  it.each(paths.flatMap(path => inputs.map(input => [path, ...input] as const)))(
    'is never a fault of the server: %s with %s',
    async (path, _what, type, body) => {
      const answer = await server.http.post(path).set(basic(credentials)).set('Content-Type', type).send(body)

      expect(answer.status).toBeGreaterThanOrEqual(200)
      expect(answer.status).toBeLessThan(500)
    },
  )

  it.each([['sp_\u0000'], ['x'.repeat(10_000)], ["' or 1=1 --"], ['sp_%']])(
    'is an unknown client when it is the client id: %j',
    async clientId => {
      const answer = await sendForm(server, TOKEN, { ...grant, client_id: clientId, client_secret: 'sps_x' })

      expectOAuthError(answer, 401, 'invalid_client')
    },
  )
})
