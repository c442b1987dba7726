import { request as send } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** Asks without a client library, which would undo the coding. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = send(server.url + path, { headers, method }, async answer => {
      const parts: Buffer[] = []
      for await (const part of answer) parts.push(Buffer.from(part))
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) })
    })
    asked.once('error', reject).end()
  })
}

const LARGE = [
  '/openapi.json',
  '/docs/swagger-ui-bundle.js',
  '/docs/swagger-ui.css',
  '/v1/api/oauth/sign-in.css',
]
const ALL = [
  ...LARGE,
  '/docs',
  '/docs/setup.js',
  '/docs/favicon-32x32.png',
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/.well-known/jwks.json',
  '/console',
  '/console/passes',
]

describe('a document that is the same for everybody', () => {
  it.each(ALL)('is not sent again to who has it: %s', async path => {
    for (const coding of ['identity', 'gzip', 'br, gzip']) {
      const headers = { 'Accept-Encoding': coding }
      const first = await ask(path, headers)
      expect([path, first.status, first.headers['cache-control']]).toEqual([
        path,
        200,
        expect.stringMatching(/public|no-cache/),
      ])
      const tag = String(first.headers.etag)
      expect(tag).toMatch(/^"[\w-]+"$/)
      const again = await ask(path, { ...headers, 'If-None-Match': tag })
      expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, tag])
      const other = await ask(path, { ...headers, 'If-None-Match': '"another"' })
      expect([other.status, other.body.equals(first.body)]).toEqual([200, true])
    }
  })

  it.each(LARGE)('is compressed as its reader takes it: %s', async path => {
    const plain = await ask(path, { 'Accept-Encoding': 'identity' })
    const gzip = await ask(path, { 'Accept-Encoding': 'gzip, deflate' })
    const brotli = await ask(path, { 'Accept-Encoding': 'gzip, deflate, br' })
    expect(gunzipSync(gzip.body).equals(plain.body)).toBe(true)
    expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true)
    const answers = [plain, gzip, brotli]
    expect(answers.map(({ headers }) => headers['content-encoding'])).toEqual([undefined, 'gzip', 'br'])
    for (const { headers } of answers) expect(headers.vary).toMatch(/Accept-Encoding/)
    // Tags stand for bytes.
    expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(3)
    expect(brotli.body.length).toBeLessThan(plain.body.length / 2)
  })

  it('is sent in an eighth of its length where it is the contract', async () => {
    const { body } = await ask('/openapi.json', { 'Accept-Encoding': 'gzip' })
    const plain = await ask('/openapi.json')
    expect(plain.body.length).toBeGreaterThan(100_000)
    expect(body.length).toBeLessThan(plain.body.length / 8)
  })

  it('has its length asked for by HEAD', async () => {
    const { status, headers, body } = await ask('/openapi.json', { 'Accept-Encoding': 'gzip' }, 'HEAD')
    expect([status, headers['content-encoding'], body.length]).toEqual([200, 'gzip', 0])
  })

  it('has another tag once it is another', async () => {
    const before = await ask('/.well-known/jwks.json')
    await server.deps.signingKeys.store.rotate('EdDSA')
    const after = await ask('/.well-known/jwks.json', { 'If-None-Match': String(before.headers.etag) })
    expect(after.status).toBe(200)
    expect(after.headers.etag).not.toBe(before.headers.etag)
  })
})
