import { randomUUID } from 'node:crypto'
import * as oidc from 'openid-client'
import { Secret, TOTP } from 'otpauth'
import type { Role } from '../../src/access/role.ts'
import type { TestServer } from './server.ts'

export const PASSWORD = 'correct horse battery staple'
const SYSTEM = { type: 'system', id: null, name: 'test', clientIp: null } as const

/** An account of a test. */
export interface TestUser {
  readonly id: string
  readonly email: string
}

/** Makes an account with a role in each of some organizations. */
export async function createUser(
  server: TestServer,
  roles: Readonly<Record<string, Role>> = {},
  email = `${randomUUID()}@example.test`,
): Promise<TestUser> {
  const { database } = server.deps
  const { accounts } = server.deps.users
  const { members } = server.deps.organizations
  const { passwords } = server.deps.accounts
  const passwordHash = await passwords.hash(PASSWORD)
  return database.em().transactional(async em => {
    const user = accounts.create(em, { email, name: 'Test Person', passwordHash })
    for (const [organizationId, role] of Object.entries(roles))
      members.insert(em, organizationId, SYSTEM, user, role)
    return { id: user.id, email }
  })
}

/** Whether a cookie of a path goes with a request (RFC 6265 section 5.1.4). */
const isWithin = (pathname: string, path: string): boolean =>
  pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)

/** A browser without JavaScript: it keeps cookies by their paths, and follows nothing by itself. */
export class Browser {
  readonly #cookies = new Map<string, { name: string; value: string; path: string }>()

  async fetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url)
    const sent = this.cookies().filter(({ path }) => isWithin(pathname, path))
    const headers = new Headers(init.headers)
    if (sent.length > 0) headers.set('Cookie', sent.map(({ name, value }) => `${name}=${value}`).join('; '))
    const answer = await this.send(url, { ...init, headers, redirect: 'manual' })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      const path = /path=([^;]+)/i.exec(line)?.[1] ?? '/'
      // One of the same name at another path is another one (RFC 6265 section 5.3).
      if (value === '') this.#cookies.delete(`${name} ${path}`)
      else this.#cookies.set(`${name} ${path}`, { name, value, path })
    }
    return answer
  }

  /** Takes over what another browser keeps. */
  keep(cookie: { readonly name: string; readonly value: string; readonly path: string }): void {
    this.#cookies.set(`${cookie.name} ${cookie.path}`, { ...cookie })
  }

  /** How a request gets to the server. */
  protected send(url: string | URL, init: RequestInit): Promise<Response> {
    return fetch(url, init)
  }

  /** What it keeps, for another browser to go on with. */
  cookies(): { name: string; value: string; path: string }[] {
    return [...this.#cookies.values()]
  }

  /** Follows redirects until a page is shown, or the console is reached. */
  async follow(start: string | URL, init: RequestInit = {}): Promise<{ url: URL; answer: Response }> {
    let url = new URL(start)
    let answer = await this.fetch(url, init)
    while (answer.status >= 300 && answer.status < 400) {
      url = new URL(answer.headers.get('location') ?? '', url)
      if (isConsole(url)) break
      answer = await this.fetch(url)
    }
    return { url, answer }
  }

  submit(url: string | URL, form: Record<string, string>): Promise<{ url: URL; answer: Response }> {
    return this.follow(url, { method: 'POST', body: new URLSearchParams(form) })
  }
}

/** A browser behind a proxy that ends TLS: it knows the server by `PUBLIC_URL`, wherever it listens. */
export class ProxiedBrowser extends Browser {
  server: TestServer

  constructor(server: TestServer) {
    super()
    this.server = server
  }

  protected override send(url: string | URL, init: RequestInit): Promise<Response> {
    const { port, publicUrl } = this.server.deps.config
    return super.send(String(url).replace(publicUrl, `http://127.0.0.1:${port}`), init)
  }
}

/** Where a sign-in to the console begins. */
export function authorizationUrl(server: TestServer, extra: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: 'sentinel-pass-console',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: `${server.url}/console/callback`,
    code_challenge: 'x'.repeat(43),
    code_challenge_method: 'S256',
    ...extra,
  })
  return `${server.url}/v1/api/oauth/authorize?${query}`
}

/** Whether the console has been reached, whatever the path of `PUBLIC_URL`. */
const isConsole = (url: URL): boolean => /\/console(\/|$)/.test(url.pathname)

/** The console, as openid-client has it. */
export function discoverConsole(server: Pick<TestServer, 'url'>): Promise<oidc.Configuration> {
  return oidc.discovery(new URL(server.url), 'sentinel-pass-console', undefined, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  })
}

/** A sign-in that has begun: the address to go to, and what it is ended with. */
export async function beginSignIn(
  server: Pick<TestServer, 'url'>,
  client: oidc.Configuration,
  extra: Record<string, string> = {},
) {
  const verifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const nonce = oidc.randomNonce()
  const url = oidc.buildAuthorizationUrl(client, {
    redirect_uri: `${server.url}/console/callback`,
    scope: 'openid profile email',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...extra,
  })
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce }
  return { url, verifier, finish: (callback: URL) => oidc.authorizationCodeGrant(client, callback, checks) }
}

/** Signs in as a browser does, through the page, and exchanges the code. */
export async function signIn(
  server: Pick<TestServer, 'url'>,
  email: string,
  fields: { password?: string; code?: string } = {},
  browser = new Browser(),
) {
  const client = await discoverConsole(server)
  const { url, finish } = await beginSignIn(server, client)
  const page = await browser.follow(url)
  const { url: callback, answer } = await browser.submit(page.url, {
    email,
    password: fields.password ?? PASSWORD,
    code: fields.code ?? '',
  })
  if (!isConsole(callback)) throw new Error(`sign-in answered ${answer.status}`)
  const tokens = await finish(callback)
  const { access_token: token, id_token: idToken } = tokens
  return { client, browser, tokens, token, idToken, headers: { Authorization: `Bearer ${token}` } }
}

/** Sets up one-time codes for who is signed in. @returns what makes the code of now */
export async function enrolTotp(server: TestServer, headers: Record<string, string>): Promise<() => string> {
  const post = (path: string, attributes: object) =>
    server.http.post(`/v1/api/me/totp${path}`).set(headers).send({ data: { attributes } })
  const made = await post('', { password: PASSWORD })
  const totp = new TOTP({ secret: Secret.fromBase32(made.body.meta.totp.secret) })
  const code = () => totp.generate({ timestamp: server.clock.now() })
  const { status } = await post('/confirm', { code: code() })
  if (status !== 204) throw new Error(`one-time codes were not set up: ${status}`)
  return code
}
