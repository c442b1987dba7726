import { startServer, type TestServer } from '../support/server.ts'
import { Browser, beginSignIn, createUser, discoverConsole, PASSWORD, signIn } from '../support/sign-in.ts'

const servers: TestServer[] = []
afterEach(() => Promise.all(servers.splice(0).map(server => server.close())))

async function start(env: Record<string, string> = {}): Promise<TestServer> {
  const server = await startServer({ env })
  servers.push(server)
  return server
}

interface SetCookie {
  readonly name: string
  readonly path: string
  readonly secure: boolean
  readonly domain: boolean
}

/** A browser behind a proxy that ends TLS: it knows the server by `PUBLIC_URL`. */
class ProxiedBrowser extends Browser {
  readonly set: SetCookie[] = []
  readonly #server: TestServer

  constructor(server: TestServer) {
    super()
    this.#server = server
  }

  protected override async send(url: string | URL, init: RequestInit): Promise<Response> {
    const { port, publicUrl } = this.#server.deps.config
    const { origin, pathname } = new URL(publicUrl)
    const taken = String(url).replace(origin + (pathname === '/' ? '' : pathname), '')
    const answer = await super.send(`http://127.0.0.1:${port}${taken}`, init)
    for (const line of answer.headers.getSetCookie())
      this.set.push({
        name: /^[^=]+/.exec(line)?.[0] ?? '',
        path: /path=([^;]+)/i.exec(line)?.[1] ?? '',
        secure: /; secure/i.test(line),
        domain: /; domain=/i.test(line),
      })
    return answer
  }
}

function authorization(server: TestServer): string {
  const query = new URLSearchParams({
    client_id: 'sentinel-pass-console',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${server.url}/console/callback`,
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
  })
  return `${server.url}/v1/api/oauth/authorize?${query}`
}

it('of two servers on one host are of different names: a sign-in to one leaves that to the other', async () => {
  const [one, other] = [await start(), await start()]
  const browser = new Browser()
  await signIn(one, (await createUser(one)).email, {}, browser)
  await signIn(other, (await createUser(other)).email, {}, browser)
  for (const server of [one, other]) {
    const { url } = await beginSignIn(server, await discoverConsole(server), { prompt: 'none' })
    const end = await browser.follow(url)
    expect(end.url.searchParams.get('error')).toBeNull()
    expect(end.url.searchParams.has('code')).toBe(true)
  }
})

describe('over https', () => {
  it('are bound to the host by their names, or to the path of one sign-in', async () => {
    const server = await start({ PUBLIC_URL: 'https://pass.example.test' })
    const { email } = await createUser(server)
    const browser = new ProxiedBrowser(server)
    const page = await browser.follow(authorization(server))
    const { url } = await browser.submit(page.url, { email, password: PASSWORD, code: '' })
    expect(url.searchParams.has('code')).toBe(true)
    const names = browser.set.map(({ name }) => name)
    expect(names.some(name => /^__Host-sp_session_[0-9a-f]{12}$/.test(name))).toBe(true)
    expect(names.some(name => /^__Host-sp_session_[0-9a-f]{12}\.sig$/.test(name))).toBe(true)
    expect(names.some(name => /^__Secure-sp_interaction_[0-9a-f]{12}\.sig$/.test(name))).toBe(true)
    expect(names.some(name => /^__Secure-sp_resume_[0-9a-f]{12}\.sig$/.test(name))).toBe(true)
    // What browsers ask of the prefixes (RFC 6265bis section 5.7); they drop in silence what does not keep to it.
    for (const cookie of browser.set) {
      expect(cookie.secure).toBe(true)
      expect(cookie.domain).toBe(false)
      expect(cookie.name).toMatch(/^__(Host|Secure)-/)
      if (cookie.name.startsWith('__Host-')) expect(cookie.path).toBe('/')
    }
  })

  it('keep to the path of PUBLIC_URL, which the prefix for the host forbids', async () => {
    const server = await start({ PUBLIC_URL: 'https://example.test/pass' })
    const { email } = await createUser(server)
    const browser = new ProxiedBrowser(server)
    const page = await browser.follow(authorization(server))
    await browser.submit(page.url, { email, password: PASSWORD, code: '' })
    expect(browser.set.some(({ name }) => name.includes('sp_session_'))).toBe(true)
    for (const { name, path } of browser.set) {
      expect(name).toMatch(/^__Secure-/)
      expect(`${path}/`.startsWith('/pass/')).toBe(true)
    }
  })

  it('let two sign-ins in two tabs go on side by side', async () => {
    const server = await start({ PUBLIC_URL: 'https://pass.example.test' })
    const { email } = await createUser(server)
    const browser = new ProxiedBrowser(server)
    const first = await browser.follow(authorization(server))
    const second = await browser.follow(authorization(server))
    for (const page of [first, second]) {
      const { url } = await browser.submit(page.url, { email, password: PASSWORD, code: '' })
      expect(url.searchParams.has('code')).toBe(true)
    }
  })
})
