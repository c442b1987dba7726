import fc from 'fast-check'
import { basic, INTROSPECT, introspectWithKey, REVOKE, sendForm, TOKEN } from '../oauth/oauth-requests.ts'
import { AGENT_CERTIFICATE, escapedPem, OTHER_CERTIFICATE } from '../support/certificates.ts'
import { startServer, type TestCredentials, type TestProject, type TestServer } from '../support/server.ts'
import * as hostile from './hostile.ts'

const { base64, thumbprint } = AGENT_CERTIFICATE
const DER = Buffer.from(base64, 'base64')
const PEM_OF_OTHER = escapedPem(OTHER_CERTIFICATE)

/** What is no certificate, or more than one. */
const UNREADABLE: readonly (readonly [what: string, header: string])[] = [
  ['text', 'certificate'],
  ['base64 without its colons', base64],
  ['base64 with one colon', `:${base64}`],
  ['base64 in quotes', `"${base64}"`],
  ['a parameter after it', `:${base64}:;a=1`],
  ['what is not base64', `:${base64.replace('M', '*')}:`],
  ['bytes that are no certificate', ':AAAA:'],
  ['no bytes', '::'],
  ['a certificate and more bytes', `:${Buffer.concat([DER, Buffer.alloc(1)]).toString('base64')}:`],
  ['half a certificate', `:${base64.slice(0, 300)}:`],
  ['two in a list', `:${base64}:, :${OTHER_CERTIFICATE.base64}:`],
  ['the same one twice in a list', `:${base64}:, :${base64}:`],
  ['two PEM blocks', escapedPem(AGENT_CERTIFICATE) + PEM_OF_OTHER],
  ['another PEM block', PEM_OF_OTHER.replaceAll('CERTIFICATE', 'PUBLIC%20KEY')],
  ['half a PEM block', PEM_OF_OTHER.slice(0, 300)],
  ['PEM with a broken escape', PEM_OF_OTHER.replace('%0A', '%0')],
  ['PEM in another encoding', PEM_OF_OTHER.replace('%0A', '%ff')],
  ['PEM of more than 12,000 characters', PEM_OF_OTHER + '%0A'.repeat(4_000)],
]

let server: TestServer
let project: TestProject
let credentials: TestCredentials
beforeAll(async () => {
  server = await startServer({ env: { TRUST_PROXY: 'loopback' } })
  project = await server.createProject()
  credentials = (await server.createPass(project)).credentials
})
afterAll(async () => {
  hostile.closeRaw()
  await server.close()
})

const grant = (at: TestServer, caller: TestCredentials, header: string | string[]) =>
  hostile.sendHostile(at.url, {
    method: 'POST',
    target: TOKEN,
    headers: {
      ...basic(caller),
      'Content-Type': 'application/x-www-form-urlencoded',
      'Client-Cert': header,
    },
    body: Buffer.from('grant_type=client_credentials'),
  })

/** The thumbprint of the certificate that the server takes a header to be: the one that it binds a token to. */
async function boundBy(header: string): Promise<unknown> {
  const answer = await grant(server, credentials, header)
  expect(answer.status).toBe(200)
  const { body } = await introspectWithKey(server, project, JSON.parse(answer.text).access_token)
  expect(body.active).toBe(true)
  return body.cnf?.['x5t#S256']
}

describe('Client-Cert from a trusted proxy', () => {
  it.each([
    ['a byte sequence of RFC 9440', `:${base64}:`],
    ['a byte sequence without padding', `:${base64.replace(/=+$/, '')}:`],
    ['PEM as nginx escapes it', escapedPem(AGENT_CERTIFICATE)],
  ])('is read as %s', async (_what, header) => {
    expect(await boundBy(header)).toBe(thumbprint)
  })

  it('counts as none when it is empty, as nginx has it', async () => {
    expect(await boundBy('')).toBeUndefined()
  })

  it.each(UNREADABLE)(
    'is refused as an error of OAuth at the token endpoint with %s',
    async (_what, header) => {
      const answer = await grant(server, credentials, header)
      expect([answer.status, answer.headers['cache-control']]).toEqual([400, 'no-store'])
      expect(JSON.parse(answer.text)).toEqual({
        error: 'invalid_request',
        error_description: expect.stringContaining('Client-Cert has to be one certificate'),
      })
    },
  )

  it.each([
    ['two certificates', [`:${base64}:`, `:${OTHER_CERTIFICATE.base64}:`]],
    ['the same certificate twice', [`:${base64}:`, `:${base64}:`]],
    ['none and a certificate', ['', `:${base64}:`]],
  ])('is refused when it comes twice, with %s', async (_what, headers) => {
    expect((await grant(server, credentials, headers)).status).toBe(400)
  })

  it.each([
    ['introspection', INTROSPECT],
    ['revocation', REVOKE],
  ])('is refused as an error of OAuth at %s', async (_what, path) => {
    for (const caller of [basic(credentials), { 'Api-Key': project.apiKey }]) {
      const answer = await sendForm(server, path, { token: 'x' }, { ...caller, 'Client-Cert': 'x' })
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request'])
    }
  })

  it.each(UNREADABLE)('is refused as a problem at the API with %s', async (_what, header) => {
    const answer = await server.http
      .get(`${project.path}/sentinel_passes`)
      .set({ 'Api-Key': project.apiKey, 'Client-Cert': header })
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect([answer.status, answer.body.code]).toEqual([400, 'malformed_request'])
    expect(answer.body.detail).toContain('Client-Cert has to be one certificate')
  })

  it('is answered whatever it is, and never as a fault of the server', async () => {
    const flipped = fc.tuple(fc.nat(DER.length - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = Buffer.from(DER)
      bytes[at] = byte
      return `:${bytes.toString('base64')}:`
    })
    const cut = fc.nat(DER.length).map(end => `:${DER.subarray(0, end).toString('base64')}:`)
    const text = fc.string({ maxLength: 200 }).map(value => value.replace(/[^\x20-\x7e]/g, '%'))
    const property = fc.asyncProperty(fc.oneof(flipped, cut, text), async header => {
      expect([200, 400]).toContain((await grant(server, credentials, header)).status)
    })
    await fc.assert(property, hostile.tries(150))
  }, 60_000)
})

describe.each([
  ['nobody is trusted', ''],
  ['the peer is not trusted', '10.0.0.0/8'],
])('Client-Cert where %s', (_what, trusted) => {
  let distrustful: TestServer
  beforeAll(async () => {
    distrustful = await startServer({ env: { TRUST_PROXY: trusted } })
  })
  afterAll(() => distrustful.close())

  it.each([
    ['a certificate', `:${base64}:`],
    ['what is none', 'certificate'],
  ])('is ignored with %s', async (_what, header) => {
    const own = await distrustful.createProject()
    const { credentials: agent } = await distrustful.createPass(own)
    // The first grant of a pass takes the library's way, the second the short one.
    for (let grants = 0; grants < 2; grants += 1) {
      const { status, text } = await grant(distrustful, agent, header)
      expect(status).toBe(200)
      const { body } = await introspectWithKey(distrustful, own, JSON.parse(text).access_token)
      expect([body.active, body]).toEqual([true, expect.not.objectContaining({ cnf: expect.anything() })])
    }
    const listed = await distrustful.http
      .get(`${own.path}/sentinel_passes`)
      .set({ 'Api-Key': own.apiKey, 'Client-Cert': header })
    expect(listed.status).toBe(200)
  })
})
