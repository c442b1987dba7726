import { isRefererAllowed } from '../../src/http/allow-lists.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { introspect, requestToken } from './oauth-requests.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

describe('isRefererAllowed', () => {
  const none = { referer: '', origin: '' }
  const referer = (value: string) => ({ ...none, referer: value })
  const origin = (value: string) => ({ ...none, origin: value })

  it.each([
    ['anything where the list is empty', [], none],
    ['a referer by itself', ['https://a.example/page'], referer('https://a.example/page')],
    ['a page below a path', ['https://a.example/app/*'], referer('https://a.example/app/x/y?z=1')],
    ['a subdomain', ['https://*.example/*'], referer('https://a.b.example/page')],
    [
      'one of several patterns',
      ['https://b.example/*', 'https://a.example/*'],
      referer('https://a.example/'),
    ],
    ['several stars', ['https://*.example/*/edit'], referer('https://a.example/docs/7/edit')],
    ['a star that stands for nothing', ['https://a.example/*'], referer('https://a.example/')],
    ['anything for a star alone', ['*'], referer('x')],
    ['a host of any scheme', ['*.example.com/*'], referer('http://a.example.com/page')],
    ['any port', ['http://localhost:*/*'], referer('http://localhost:5173/page')],
    ['a host in capitals', ['https://A.example/*'], referer('HTTPS://a.EXAMPLE/Page')],
    [
      'a star over several segments of a path',
      ['https://a.example/*/edit'],
      referer('https://a.example/x/y/edit'),
    ],
    ['an origin by itself', ['https://a.example'], origin('https://a.example')],
    ['the bare origin of a whole site', ['https://a.example/*'], origin('https://a.example')],
    [
      'a good origin beside another referer',
      ['https://a.example/*'],
      { referer: 'https://b.example/', origin: 'https://a.example' },
    ],
  ])('allows %s', (_what, patterns, headers) => {
    expect(isRefererAllowed(patterns, headers)).toBe(true)
  })

  it.each([
    ['a request that says nothing', ['https://a.example/*'], none],
    ['a request that says nothing, even for a star alone', ['*'], none],
    ['another site', ['https://a.example/*'], referer('https://b.example/')],
    ['another scheme', ['https://a.example/*'], referer('http://a.example/')],
    ['a page when only the site is listed', ['https://a.example'], referer('https://a.example/page')],
    ['a site that only begins so', ['https://a.example/*'], referer('https://a.example.evil.test/')],
    ['a site that only ends so', ['https://a.example/*'], referer('https://evil.test/https://a.example/')],
    ['a dot that is another character', ['https://a.example/'], referer('https://aXexample/')],
    ['what stars would have to share', ['ab*ba'], referer('aba')],
    [
      'a host in the path of somebody else',
      ['https://*.example.com/*'],
      referer('https://evil.test/x.example.com/'),
    ],
    ['a host in the query', ['https://*.example.com/*'], referer('https://evil.test?x.example.com/')],
    ['a host in the fragment', ['https://*.example.com/*'], referer('https://evil.test#x.example.com/')],
    ['a host behind a backslash', ['https://*.example.com/*'], referer('https://evil.test\\x.example.com/')],
    ['a host as a user name', ['https://app.example.com*/*'], referer('https://app.example.com@evil.test/')],
    ['a host in a path, for any scheme', ['*.example.com/*'], referer('https://evil.test/x.example.com/')],
    ['a scheme that has a host in it', ['*://a.example/*'], referer('https://evil.test/x://a.example/')],
    ['a page for a pattern that ends with its host', ['https://*'], referer('https://a.example/page')],
    ['parts in another order', ['https://*/one/*/two'], referer('https://a.example/two/x/one')],
  ])('refuses %s', (_what, patterns, headers) => {
    expect(isRefererAllowed(patterns, headers)).toBe(false)
  })

  it('takes no time that a caller could make long', () => {
    const patterns = [`${'*a'.repeat(200)}b`]
    const started = performance.now()

    expect(isRefererAllowed(patterns, referer('a'.repeat(16_000)))).toBe(false)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('a pass with allowedReferers', () => {
  const allowedReferers = ['https://app.example.com/*']
  const good = { Referer: 'https://app.example.com/agents/1' }

  it.each([
    ['a Referer that matches', good],
    ['an Origin that matches', { Origin: 'https://app.example.com' }],
  ])('gets a token with %s', async (_what, headers) => {
    const { credentials } = await server.createPass(await server.createProject(), { allowedReferers })

    expect((await requestToken(server, credentials, {}, headers)).status).toBe(200)
  })

  it.each([
    ['neither', {}],
    ['those of another site', { Referer: 'https://evil.test/', Origin: 'https://evil.test' }],
  ])('gets none with %s, and is told what is needed', async (_what, headers) => {
    const { credentials } = await server.createPass(await server.createProject(), { allowedReferers })
    const answer = await requestToken(server, credentials, {}, headers)

    expect([answer.status, answer.body.error]).toEqual([401, 'invalid_client'])
    expect(answer.body.error_description).toContain('Referer or Origin')
  })

  it('says nothing of it to a caller who does not prove the secret', async () => {
    const { credentials } = await server.createPass(await server.createProject(), { allowedReferers })
    const wrong = { ...credentials, clientSecret: 'wrong' }
    const without = await requestToken(server, wrong)
    const within = await requestToken(server, wrong, {}, good)

    expect(without.body).toEqual(within.body)
    expect([without.status, within.status]).toEqual([401, 401])
  })

  it('introspects without any: the rule is for token requests', async () => {
    const { credentials } = await server.createPass(await server.createProject(), { allowedReferers })
    const { body } = await requestToken(server, credentials, {}, good)

    expect((await introspect(server, credentials, body.access_token)).body.active).toBe(true)
  })
})
