import { startServer, type TestServer } from '../support/server.ts'

const DOCUMENTS = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/.well-known/jwks.json',
  '/openapi.json',
]
const ORIGIN = 'https://elsewhere.example.com'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

describe.each(DOCUMENTS)('%s', path => {
  it('can be read by a page of any origin, without credentials', async () => {
    const answer = await server.http.get(path).set('Origin', ORIGIN)
    expect(answer.status).toBe(200)
    expect(answer.headers['access-control-allow-origin']).toBe('*')
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
  })

  it('answers the preflight of a page that sends headers of its own', async () => {
    const answer = await server.http
      .options(path)
      .set({ Origin: ORIGIN, 'Access-Control-Request-Method': 'GET' })
      .set('Access-Control-Request-Headers', 'x-requested-with')
    expect(answer.status).toBe(204)
    expect(answer.text).toBe('')
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD',
      'access-control-allow-headers': '*',
    })
  })
})

describe('what is not for everybody', () => {
  it.each([
    ['get', '/v1/api/organizations'],
    ['get', '/v1/api/oauth/authorize'],
    ['post', '/v1/api/oauth/token'],
    ['post', '/v1/api/oauth/introspect'],
    ['post', '/v1/api/oauth/revoke'],
    ['get', '/metrics'],
    ['get', '/console'],
  ] as const)('is not read by pages elsewhere: %s %s', async (method, path) => {
    const preflight = { Origin: ORIGIN, 'Access-Control-Request-Method': method.toUpperCase() }
    for (const answer of [
      await server.http[method](path).set('Origin', ORIGIN),
      await server.http.options(path).set(preflight),
    ])
      expect(Object.keys(answer.headers).filter(name => name.startsWith('access-control-'))).toEqual([])
  })
})

it('lets the metadata of an issuer with a path be read where it is then', async () => {
  const below = await startServer({ env: { PUBLIC_URL: 'https://example.com/auth' } })
  try {
    const answer = await below.http.get('/.well-known/oauth-authorization-server/auth').set('Origin', ORIGIN)
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, '*'])
  } finally {
    await below.close()
  }
})
