import { startServer, type TestProject, type TestServer } from '../support/server.ts'

const KIB = 1024
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

let server: TestServer
let project: TestProject
let passes: string
let key: Record<string, string>
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.createProject()
  passes = `${project.path}/sentinel_passes`
  key = { 'Api-Key': project.apiKey }
})

/** A description of so many characters in an otherwise good body of exactly `bytes`. */
function bodyOf(bytes: number): string {
  const empty = JSON.stringify({ sentinelPass: { title: 'Big', description: '' } })
  return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`)
}

describe('a problem', () => {
  it('has the members of RFC 9457, a stable code and the request id', async () => {
    const answer = await server.http.get(`${passes}/${crypto.randomUUID()}`).set(key)
    expect(answer.status).toBe(404)
    expect(answer.headers['content-type']).toBe('application/problem+json')
    expect(answer.body).toEqual({
      type: 'urn:sentinel-pass:problem:not_found',
      title: 'There is nothing here',
      status: 404,
      code: 'not_found',
      detail: expect.stringMatching(/\.$/),
      instance: answer.headers['x-request-id'],
    })
  })

  it('is kept by no cache and guessed at by no browser', async () => {
    const answer = await server.http.get('/nowhere')
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  })

  it.each([
    ['a path that nobody serves', 'get', '/nowhere'],
    ['a path below a served one', 'get', '/health/deep'],
    ['another method on a path that nobody serves', 'delete', '/v1/api/nowhere'],
    ['a path of the OAuth endpoints that nobody serves', 'post', '/v1/api/oauth/nowhere'],
    ['a path that is not properly encoded', 'get', '/%zz'],
  ] as const)('answers %s with 404', async (_what, method, path) => {
    const answer = await server.http[method](path).set(key)
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
    expect(answer.headers.allow).toBeUndefined()
  })

  it('answers a method that nobody knows on a path that nobody serves with 404', async () => {
    const answer = await server.http.propfind('/nowhere')
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
    expect(answer.headers.allow).toBeUndefined()
  })

  it('names the methods that a path has', async () => {
    const allowed = async (method: 'post' | 'get' | 'patch' | 'propfind', path: string) => {
      const answer = await server.http[method](path).set(key)
      expect([answer.status, answer.body.code]).toEqual([405, 'method_not_allowed'])
      return answer.headers.allow?.split(', ').sort()
    }
    expect(await allowed('post', '/health')).toEqual(['GET', 'HEAD'])
    expect(await allowed('get', '/v1/api/oauth/token')).toEqual(['POST'])
    expect(await allowed('patch', passes)).toEqual(['GET', 'HEAD', 'POST'])
    expect(await allowed('patch', `${passes}/${crypto.randomUUID()}`)).toEqual([
      'DELETE',
      'GET',
      'HEAD',
      'PUT',
    ])
    expect(await allowed('propfind', passes)).toEqual(['GET', 'HEAD', 'POST'])
  })
})

describe('a body', () => {
  const create = (body: string, type = 'application/json') =>
    server.http.post(passes).set(key).set('Content-Type', type).send(body)

  it('is read up to 256 KiB and refused beyond', async () => {
    const largest = await create(bodyOf(256 * KIB))
    expect([largest.status, largest.body.code]).toEqual([400, 'validation_failed'])
    const larger = await create(bodyOf(256 * KIB + 1))
    expect([larger.status, larger.body.code]).toEqual([413, 'body_too_large'])
  })

  it('is refused beyond 56 KiB where it is a form', async () => {
    const form = (bytes: number) =>
      server.http.post('/v1/api/oauth/token').type('form').send('x'.repeat(bytes))
    expect((await form(56 * KIB)).status).not.toBe(413)
    const larger = await form(56 * KIB + 1)
    expect([larger.status, larger.body.error]).toEqual([413, 'invalid_request'])
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/xml',
    'application/jsonish',
    'nonsense',
  ])('is refused as %s', async type => {
    const answer = await create('{"sentinelPass":{"title":"Agent"}}', type)
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type'])
  })

  it.each(['application/json; charset=utf-8', 'application/merge-patch+json'])(
    'is taken as %s',
    async type => {
      expect((await create('{"sentinelPass":{"title":"Agent"}}', type)).status).toBe(201)
    },
  )

  it.each(['gzip', 'br', 'identity, gzip', 'x'])('is refused with Content-Encoding: %s', async coding => {
    const answer = await create('{"sentinelPass":{"title":"Agent"}}').set('Content-Encoding', coding)
    expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type'])
  })

  it('is taken with Content-Encoding: identity', async () => {
    const answer = await create('{"sentinelPass":{"title":"Agent"}}').set('Content-Encoding', 'Identity')
    expect(answer.status).toBe(201)
  })

  it.each(['{', '{"sentinelPass":{"title":"Agent"}', "{'sentinelPass':{}}", '{"a":1,}', 'NaN', '\u0000'])(
    'is refused where it is no JSON: %j',
    async body => {
      const answer = await create(body)
      expect([answer.status, answer.body.code]).toEqual([400, 'malformed_body'])
    },
  )

  it.each(['null', '[]', '"text"', '42', '{"sentinelPass":null}', '{"sentinelPass":[]}', ''])(
    'is refused where it is not the object that is needed: %j',
    async body => {
      const answer = await create(body)
      expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed'])
      expect(answer.body.errors).toHaveLength(1)
    },
  )

  it('is told all of its faults at once, each by its pointer', async () => {
    const answer = await create(
      JSON.stringify({
        sentinelPass: {
          title: '',
          accessLevel: 'gold',
          validFrom: 'tomorrow',
          tags: ['fine', 7],
          'a/b~c': 1,
          expiresAt: '2032-01-01',
          validUntil: '2031-01-01',
        },
        extra: true,
      }),
    )
    expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed'])
    const faults: { pointer: string; detail: string }[] = answer.body.errors
    expect([...new Set(faults.map(fault => fault.pointer))].sort()).toEqual([
      '/extra',
      '/sentinelPass/accessLevel',
      '/sentinelPass/a~1b~0c',
      '/sentinelPass/expiresAt',
      '/sentinelPass/tags/1',
      '/sentinelPass/title',
      '/sentinelPass/validFrom',
    ])
    for (const { detail } of faults) expect(detail).toMatch(/\w/)
  })
})

it('tells all faults of a query at once, each by its parameter', async () => {
  const answer = await server.http
    .get('/v1/api/oauth/agent/activity/logs?page=0&per_page=7&success=maybe&start_date=x&unheard=of&page=1')
    .set(key)
  expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed'])
  const faults: { parameter: string }[] = answer.body.errors
  expect([...new Set(faults.map(fault => fault.parameter))].sort()).toEqual([
    ...['agent_user_id', 'page', 'per_page', 'start_date', 'success', 'unheard'],
  ])
})

describe('X-Request-Id', () => {
  it.each(['abc', 'A-1_b.c:d', 'x'.repeat(128)])('is taken over when it is sane: %s', async id => {
    const answer = await server.http.get('/health').set('X-Request-Id', id)
    expect(answer.headers['x-request-id']).toBe(id)
  })

  it.each(['x'.repeat(129), 'a b', 'a\tb', '<script>', 'é', 'a,b', '"', '%0a'])(
    'is replaced when it is not: %s',
    async id => {
      const answer = await server.http.get('/health').set('X-Request-Id', id)
      expect(answer.headers['x-request-id']).toMatch(UUID_V7)
    },
  )

  it('is made up where none is sent, another for each request', async () => {
    const ids = [await server.http.get('/health'), await server.http.get('/nowhere')].map(
      answer => answer.headers['x-request-id'],
    )
    for (const id of ids) expect(id).toMatch(UUID_V7)
    expect(new Set(ids).size).toBe(2)
  })
})
