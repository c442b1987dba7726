import * as oidc from 'openid-client'
import { startServer, type TestServer } from '../support/server.ts'
import { Browser, beginSignIn, createUser, discoverConsole, PASSWORD, signIn } from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const me = (headers: Record<string, string>) => server.http.get('/v1/api/me').set(headers)

describe('signing in', () => {
  it('gives a standard client a token that the API takes, and an ID token of the user', async () => {
    const project = await server.createProject()
    const user = await createUser(server, { [project.organizationId]: 'VIEWER' })
    const { headers, tokens } = await signIn(server, user.email)
    expect(tokens.claims()).toMatchObject({ sub: user.id, email: user.email, name: 'Test Person' })
    expect(tokens.expires_in).toBe(600)
    const { status, body } = await me(headers)
    expect([status, body.data.id, body.data.attributes.email]).toEqual([200, user.id, user.email])
    expect(body.data.attributes.organizations).toEqual([
      { id: project.organizationId, name: 'Project organization', requiresTotp: false, role: 'VIEWER' },
    ])
    expect((await server.http.get(`${project.path}/sentinel_passes`).set(headers)).status).toBe(200)
  })

  it('takes the email in any case', async () => {
    const user = await createUser(server)
    expect((await signIn(server, user.email.toUpperCase())).token).toEqual(expect.any(String))
  })

  it('needs PKCE with S256', async () => {
    const client = await discoverConsole(server)
    for (const change of [{ code_challenge_method: 'plain' }, { code_challenge: '' }]) {
      const { url } = await beginSignIn(server, client, change)
      const { url: end } = await new Browser().follow(url)
      expect(end.searchParams.get('error')).toBe('invalid_request')
    }
  })

  it('leads to no address but the console of this server', async () => {
    const client = await discoverConsole(server)
    const { url } = await beginSignIn(server, client, { redirect_uri: 'https://attacker.example/console' })
    const { url: end, answer } = await new Browser().follow(url)
    expect([answer.status, end.origin]).toEqual([400, new URL(server.url).origin])
    expect(await answer.text()).toContain('redirect_uri')
  })

  it('says the same of a wrong password and of an email that nobody has', async () => {
    const user = await createUser(server)
    const client = await discoverConsole(server)
    const pages: string[] = []
    for (const email of [user.email, 'nobody@example.test']) {
      const browser = new Browser()
      const { url } = await beginSignIn(server, client)
      const page = await browser.follow(url)
      const { answer } = await browser.submit(page.url, { email, password: 'wrong password here' })
      expect(answer.status).toBe(401)
      pages.push((await answer.text()).replaceAll(email, '').replaceAll(/sign-in\/[\w-]+/g, ''))
    }
    expect(pages[0]).toBe(pages[1])
  })

  it('slows an address, or a network of IPv6, whose attempts fail for whomever, and no other', async () => {
    const user = await createUser(server)
    const judge = (email: string, clientIp: string, password = 'wrong password here') =>
      server.deps.signIn.service.judge({ email, password, code: '', clientIp })
    for (const [from, neighbour, stranger] of [
      ['203.0.113.9', '203.0.113.9', '203.0.113.10'],
      ['2001:db8:1:2::9', '2001:db8:1:2:ffff::1', '2001:db8:1:3::9'],
    ] as const) {
      // What succeeds does not count.
      for (let good = 0; good < 3; good += 1)
        expect(await judge(user.email, from, PASSWORD)).toMatchObject({ kind: 'proved' })
      for (let failed = 0; failed < 100; failed += 1)
        expect(await judge(`nobody-${failed}@${from}`, from)).toEqual({ kind: 'refused' })
      const { kind, retryAfterSeconds } = {
        retryAfterSeconds: 0,
        ...(await judge(user.email, neighbour, PASSWORD)),
      }
      expect(kind).toBe('slowed')
      expect(retryAfterSeconds).toBeGreaterThan(500)
      expect(retryAfterSeconds).toBeLessThanOrEqual(600)
      expect(await judge(user.email, stranger, PASSWORD)).toMatchObject({ kind: 'proved' })
    }
  })

  it('shows a page that runs nothing, is not framed, and shows markup in an email as text', async () => {
    const client = await discoverConsole(server)
    const { url } = await beginSignIn(server, client, { login_hint: '"><script>alert(1)</script>' })
    const { answer } = await new Browser().follow(url)
    const policy = answer.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    const text = await answer.text()
    expect(text).not.toContain('<script')
    expect(text).toContain('&lt;script&gt;')
    expect(text).toContain('name="viewport"')
  })

  it('is open in the browser that began it, and in no other', async () => {
    const user = await createUser(server)
    const { url } = await beginSignIn(server, await discoverConsole(server))
    const page = await new Browser().follow(url)
    const { answer } = await new Browser().submit(page.url, { email: user.email, password: PASSWORD })
    expect(answer.status).toBe(400)
  })
})

describe('an authorization code', () => {
  /** Signs somebody in up to the code. @returns how to exchange it */
  async function signInToCode() {
    const user = await createUser(server)
    const browser = new Browser()
    const { url, verifier } = await beginSignIn(server, await discoverConsole(server))
    const page = await browser.follow(url)
    const { url: callback } = await browser.submit(page.url, { email: user.email, password: PASSWORD })
    return (headers: Record<string, string> = {}) =>
      server.http
        .post('/v1/api/oauth/token')
        .set(headers)
        .type('form')
        .send({
          grant_type: 'authorization_code',
          client_id: 'sentinel-pass-console',
          code: callback.searchParams.get('code'),
          redirect_uri: `${server.url}/console/callback`,
          code_verifier: verifier,
        })
  }

  it('is good once, also for two who show it at once, and used twice ends what it gave', async () => {
    const exchange = await signInToCode()
    const answers = await Promise.all([exchange(), exchange(), exchange()])
    const granted = answers.filter(answer => answer.status === 200)
    expect(granted.length).toBeLessThanOrEqual(1)
    for (const answer of answers.filter(one => one.status !== 200))
      expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant'])
    expect((await exchange()).body.error).toBe('invalid_grant')
    for (const answer of granted)
      expect((await me({ Authorization: `Bearer ${answer.body.access_token}` })).status).toBe(401)
  })

  it('is exchanged for a page of this server, and for none of another origin', async () => {
    const exchange = await signInToCode()
    const foreign = await exchange({ Origin: 'https://evil.test' })
    expect(foreign.status).toBe(400)
    expect(foreign.headers).not.toHaveProperty('access-control-allow-origin')
    const own = await exchange({ Origin: server.url })
    expect(own.status).toBe(200)
    expect(own.body).toHaveProperty('access_token')
  })
})

describe('a session', () => {
  it('signs in again without the page, which prompt=none asks for', async () => {
    const user = await createUser(server)
    const { browser, client } = await signIn(server, user.email)
    const { url, finish } = await beginSignIn(server, client, { prompt: 'none' })
    const { url: callback } = await browser.follow(url)
    const { access_token: token } = await finish(callback)
    expect((await me({ Authorization: `Bearer ${token}` })).status).toBe(200)
  })

  it('is taken for the user of an id_token_hint alone', async () => {
    const [one, other] = [await createUser(server), await createUser(server)]
    const first = await signIn(server, one.email)
    const second = await signIn(server, other.email)
    const hinted = async (hint = '') => {
      const { url } = await beginSignIn(server, first.client, { prompt: 'none', id_token_hint: hint })
      return (await first.browser.follow(url)).url.searchParams
    }
    expect((await hinted(first.idToken)).has('code')).toBe(true)
    expect((await hinted(second.idToken)).get('error')).toBe('login_required')
  })

  it('is not there for a browser that has not signed in', async () => {
    const { url } = await beginSignIn(server, await discoverConsole(server), { prompt: 'none' })
    const { url: callback } = await new Browser().follow(url)
    expect(callback.searchParams.get('error')).toBe('login_required')
  })
})

describe('a token of a user', () => {
  const endings: Record<string, (headers: Record<string, string>) => PromiseLike<{ status: number }>> = {
    'signing out everywhere': headers => server.http.post('/v1/api/me/sign_out_everywhere').set(headers),
    'a new password': headers =>
      server.http
        .put('/v1/api/me/password')
        .set(headers)
        .send({ data: { attributes: { currentPassword: PASSWORD, newPassword: 'another long password' } } }),
  }

  it.each(Object.keys(endings))('ends at once with %s, as does the session', async name => {
    const user = await createUser(server)
    const { browser, client, headers } = await signIn(server, user.email)
    const elsewhere = await signIn(server, user.email)
    expect((await endings[name]?.(headers))?.status).toBe(204)
    for (const each of [headers, elsewhere.headers]) expect((await me(each)).status).toBe(401)
    const { url } = await beginSignIn(server, client, { prompt: 'none' })
    expect((await browser.follow(url)).url.searchParams.get('error')).toBe('login_required')
  })

  it('ends at once with signing out of its browser, and no other does', async () => {
    const user = await createUser(server)
    const { browser, client, headers, idToken } = await signIn(server, user.email)
    const elsewhere = await signIn(server, user.email)
    const logout = oidc.buildEndSessionUrl(client, {
      id_token_hint: idToken ?? '',
      post_logout_redirect_uri: `${server.url}/console`,
    })
    const page = await (await browser.fetch(logout)).text()
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
    const { url: end } = await browser.submit(`${server.url}/v1/api/oauth/logout/confirm`, {
      xsrf,
      logout: 'yes',
    })
    expect(end.pathname).toBe('/console')
    expect((await me(headers)).status).toBe(401)
    expect((await me(elsewhere.headers)).status).toBe(200)
    const { url } = await beginSignIn(server, client, { prompt: 'none' })
    expect((await browser.follow(url)).url.searchParams.get('error')).toBe('login_required')
  })

  it('ends by its time', async () => {
    const user = await createUser(server)
    const { headers } = await signIn(server, user.email)
    server.clock.advance({ minutes: 10 })
    expect((await me(headers)).status).toBe(401)
  })

  it('ends with its user', async () => {
    const user = await createUser(server)
    const { headers } = await signIn(server, user.email)
    await server.deps.database.query('delete from users where id = $1', [user.id])
    expect((await me(headers)).status).toBe(401)
  })

  it('is nowhere in the database', async () => {
    const user = await createUser(server)
    const { token } = await signIn(server, user.email)
    const rows = await server.deps.database.query('select to_jsonb(a) as row from oidc_artifacts a')
    expect(JSON.stringify(rows)).not.toContain(token)
  })
})

describe('behind a proxy that ends TLS', () => {
  it('keeps to PUBLIC_URL: cookies are Secure, whatever Host the request has', async () => {
    const secured = await startServer({ env: { PUBLIC_URL: 'https://pass.example.test' } })
    try {
      const answer = await secured.http
        .get('/v1/api/oauth/authorize')
        .set('Host', 'attacker.example')
        .query({
          client_id: 'sentinel-pass-console',
          response_type: 'code',
          scope: 'openid',
          redirect_uri: 'https://pass.example.test/console',
          code_challenge: 'x'.repeat(43),
          code_challenge_method: 'S256',
        })
      expect(answer.status).toBe(303)
      const cookies = [answer.headers['set-cookie']].flat()
      expect(cookies.length).toBeGreaterThan(2)
      for (const cookie of cookies) expect(cookie).toMatch(/; secure/i)
      const resumed = cookies.find(cookie => /path=\/v1\/api\/oauth\/authorize\//.test(String(cookie)))
      expect(resumed).toBeDefined()
      const [row] = await secured.deps.database.query<{ returnTo: string }>(
        `select payload->>'returnTo' as "returnTo" from oidc_artifacts where model = 'Interaction'`,
      )
      expect(row?.returnTo).toMatch(/^https:\/\/pass\.example\.test\/v1\/api\/oauth\/authorize\//)
    } finally {
      await secured.close()
    }
  })
})
