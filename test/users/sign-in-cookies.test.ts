import { startServer, type TestServer } from '../support/server.ts'
import {
  authorizationUrl,
  Browser,
  beginSignIn,
  createUser,
  discoverConsole,
  PASSWORD,
  ProxiedBrowser,
  signIn,
} from '../support/sign-in.ts'

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

/** One that tells which cookies it was sent. */
class TellingBrowser extends ProxiedBrowser {
  readonly set: SetCookie[] = []

  protected override async send(url: string | URL, init: RequestInit): Promise<Response> {
    const answer = await super.send(url, init)
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
    const browser = new TellingBrowser(server)
    const page = await browser.follow(authorizationUrl(server))
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
    const browser = new TellingBrowser(server)
    const page = await browser.follow(authorizationUrl(server))
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
    const browser = new TellingBrowser(server)
    const first = await browser.follow(authorizationUrl(server))
    const second = await browser.follow(authorizationUrl(server))
    for (const page of [first, second]) {
      const { url } = await browser.submit(page.url, { email, password: PASSWORD, code: '' })
      expect(url.searchParams.has('code')).toBe(true)
    }
  })
})
