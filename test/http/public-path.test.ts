import * as oidc from 'openid-client'
import { startServer, type TestServer } from '../support/server.ts'
import { Browser, beginSignIn, createUser, discoverConsole, PASSWORD, signIn } from '../support/sign-in.ts'
import { type StrippingProxy, startStrippingProxy } from '../support/stripping-proxy.ts'

const PATH = '/auth'

let proxy: StrippingProxy
let server: TestServer
beforeAll(async () => {
  proxy = await startStrippingProxy(PATH)
  server = await startServer({ env: { PUBLIC_URL: proxy.url } })
  proxy.forwardTo(server.deps.config.port)
})
afterAll(async () => {
  await proxy.close()
  await server.close()
})
afterEach(() => expect(proxy.strays).toEqual([]))

describe.each(['oauth2', 'oidc'] as const)('a client that discovers by %s', algorithm => {
  it('is granted a token, and may ask about it and end it', async () => {
    const { credentials } = await server.createPass(await server.createProject())
    const authentication = oidc.ClientSecretBasic(credentials.clientSecret)
    const client = await oidc.discovery(new URL(proxy.url), credentials.clientId, undefined, authentication, {
      execute: [oidc.allowInsecureRequests],
      algorithm,
    })
    const metadata = client.serverMetadata()
    expect(metadata.issuer).toBe(proxy.url)
    const addresses = Object.entries(metadata).filter(([name]) => /_endpoint$|_uri$/.test(name))
    for (const [name, address] of addresses)
      expect([name, String(address).startsWith(`${proxy.url}/`)]).toEqual([name, true])
    expect((await fetch(String(metadata.jwks_uri))).status).toBe(200)

    const { access_token: token } = await oidc.clientCredentialsGrant(client)
    expect(await oidc.tokenIntrospection(client, token)).toMatchObject({ active: true, iss: proxy.url })
    await oidc.tokenRevocation(client, token)
    expect(await oidc.tokenIntrospection(client, token)).toEqual({ active: false })
  })
})

describe('a person', () => {
  it('signs in and out', async () => {
    const project = await server.createProject()
    const { email } = await createUser(server, { [project.organizationId]: 'OWNER' })
    const { client, browser, idToken, headers } = await signIn({ url: proxy.url }, email)
    expect((await fetch(`${proxy.url}/v1/api/me`, { headers })).status).toBe(200)

    const end = oidc.buildEndSessionUrl(client, {
      id_token_hint: idToken ?? '',
      post_logout_redirect_uri: `${proxy.url}/console`,
    })
    const asked = await browser.follow(end)
    const page = await asked.answer.text()
    const [, action = ''] = /<form[^>]*action="([^"]+)"/.exec(page) ?? []
    expect(action.startsWith(`${proxy.url}/`)).toBe(true)
    const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(page) ?? []
    const { url } = await browser.submit(action, { xsrf, logout: 'yes' })
    expect(url.href).toBe(`${proxy.url}/console`)
    expect((await fetch(`${proxy.url}/v1/api/me`, { headers })).status).toBe(401)
  })

  it('is kept signed in by cookies that no neighbour on the host is sent', async () => {
    const { email } = await createUser(server)
    const client = await discoverConsole({ url: proxy.url })
    const paths: string[] = []
    const browser = new (class extends Browser {
      override async fetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
        const answer = await super.fetch(url, init)
        paths.push(...answer.headers.getSetCookie().map(line => /path=([^;]+)/i.exec(line)?.[1] ?? ''))
        return answer
      }
    })()
    const page = await browser.follow((await beginSignIn({ url: proxy.url }, client)).url)
    await browser.submit(page.url, { email, password: PASSWORD, code: '' })
    expect(paths.length).toBeGreaterThan(0)
    for (const path of paths) expect(`${path}/`.startsWith(`${PATH}/`)).toBe(true)
    const again = await browser.follow((await beginSignIn({ url: proxy.url }, client)).url)
    expect(again.url.href.startsWith(`${proxy.url}/console/callback?code=`)).toBe(true)
  })

  it('sees pages whose style and form are there', async () => {
    const client = await discoverConsole({ url: proxy.url })
    const { answer } = await new Browser().follow((await beginSignIn({ url: proxy.url }, client)).url)
    const page = await answer.text()
    const [, style = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(page) ?? []
    expect((await fetch(new URL(style, proxy.url))).headers.get('content-type')).toMatch(/^text\/css/)
    // Without an action a form goes to the page's own address.
    expect(page).toContain('<form method="post">')
  })
})

it('the address of what was made leads to it', async () => {
  const project = await server.createProject()
  const headers = { 'Api-Key': project.apiKey, 'Content-Type': 'application/json' }
  const passes = `${proxy.url}${project.path}/sentinel_passes`
  const body = JSON.stringify({ sentinelPass: { title: 'Made here' } })
  const made = await fetch(passes, { method: 'POST', headers, body })
  const found = await fetch(new URL(made.headers.get('location') ?? '', passes), { headers })
  expect([made.status, found.status]).toEqual([201, 200])
  // Asked with a slash at its end, too.
  const slashed = await fetch(`${passes}/`, { method: 'POST', headers, body })
  expect(slashed.headers.get('location')).toMatch(/\/sentinel_passes\/[\w-]+$/)
})

it('the reference loads all that it names', async () => {
  const page = await (await fetch(`${proxy.url}/docs`)).text()
  const names = [...page.matchAll(/(?:src|href|data-document)="([^"]+)"/g)].map(([, name = '']) => name)
  expect(names).toHaveLength(5)
  for (const name of names) expect((await fetch(new URL(name, proxy.url))).status).toBe(200)
})

it('the path may not have what ends the path of a cookie', () => {
  const start = startServer({ env: { PUBLIC_URL: 'https://example.test/a;b' } })
  return expect(start).rejects.toThrow(/PUBLIC_URL: may have letters/)
})
