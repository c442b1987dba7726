import { startServer, type TestServer } from '../support/server.ts'
import { Browser, beginSignIn, createUser, discoverConsole, signIn } from '../support/sign-in.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'

let server: TestServer
beforeAll(async () => {
  server = await startServer({ env: { SESSION_HOURS: '48', SESSION_IDLE_HOURS: '12' } })
})
afterAll(() => server.close())

/** A browser with a name. */
class NamedBrowser extends Browser {
  readonly #name: string

  constructor(name: string) {
    super()
    this.#name = name
  }

  protected override send(url: string | URL, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('User-Agent', this.#name)
    return super.send(url, { ...init, headers })
  }
}

type Headers = Record<string, string>

const sessionsOf = async (headers: Headers) =>
  (await server.http.get('/v1/api/me/sessions').set(headers).expect(200)).body

const end = (headers: Headers, id: string) => server.http.delete(`/v1/api/me/sessions/${id}`).set(headers)

const statusOf = async (headers: Headers) => (await server.http.get('/v1/api/me').set(headers)).status

/** Whether the browser is signed in still, without asking anybody. */
async function isSignedIn(browser: Browser): Promise<boolean> {
  const { url } = await beginSignIn(server, await discoverConsole(server), { prompt: 'none' })
  return (await browser.follow(url)).url.searchParams.has('code')
}

it('are listed to their person alone: when, from where, with what, when last, and which is this one', async () => {
  const [user, other] = [await createUser(server), await createUser(server)]
  await signIn(server, other.email)
  const first = await signIn(server, user.email, {}, new NamedBrowser('Firefox of a test'))
  const signedInAt = server.clock.date().toISOString()
  server.clock.advance({ minutes: 5 })
  const second = await signIn(server, user.email, {}, new NamedBrowser('Chromium of a test'))
  server.clock.advance({ minutes: 5 })
  expect(await isSignedIn(first.browser)).toBe(true)
  const { data, meta } = await sessionsOf(second.headers)
  expect(meta.total).toBe(2)
  expect(data.map(({ attributes }: { attributes: object }) => attributes)).toMatchObject([
    {
      signedInAt,
      lastUsedAt: server.clock.date().toISOString(),
      expiresAt: new Date(Date.parse(signedInAt) + 48 * 3_600_000).toISOString(),
      clientIp: '127.0.0.1',
      userAgent: 'Firefox of a test',
      current: false,
    },
    { userAgent: 'Chromium of a test', current: true },
  ])
})

it('end one by one, with their tokens at once, and what is not theirs is not found', async () => {
  const [user, other] = [await createUser(server), await createUser(server)]
  const kept = await signIn(server, user.email)
  const ended = await signIn(server, user.email)
  const foreign = await signIn(server, other.email)
  const [{ id }] = (await sessionsOf(ended.headers)).data.filter(
    ({ attributes }: { attributes: { current: boolean } }) => attributes.current,
  )
  expect((await end(foreign.headers, id)).status).toBe(404)
  expect((await end(kept.headers, UNKNOWN)).status).toBe(404)
  expect((await end(kept.headers, id)).status).toBe(204)
  expect(await statusOf(ended.headers)).toBe(401)
  expect(await isSignedIn(ended.browser)).toBe(false)
  expect(await statusOf(kept.headers)).toBe(200)
  expect(await isSignedIn(kept.browser)).toBe(true)
  expect((await sessionsOf(kept.headers)).meta.total).toBe(1)
  expect((await end(kept.headers, id)).status).toBe(404)
  const events = await server.deps.database.query(
    `select action from audit_events where target_id = $1 and action = 'user.end_session'`,
    [user.id],
  )
  expect(events).toHaveLength(1)
})

it('give no token for a code that they gave before they ended', async () => {
  const user = await createUser(server)
  const kept = await signIn(server, user.email)
  const ended = await signIn(server, user.email)
  const { url, finish } = await beginSignIn(server, await discoverConsole(server), { prompt: 'none' })
  const { url: callback } = await ended.browser.follow(url)
  const { data } = await sessionsOf(ended.headers)
  const { id } = data.find(({ attributes }: { attributes: { current: boolean } }) => attributes.current)
  expect((await end(kept.headers, id)).status).toBe(204)
  await expect(finish(callback)).rejects.toThrow()
})

it('end at their time, however much they are used, and earlier when they are not', async () => {
  const user = await createUser(server)
  const used = await signIn(server, user.email)
  const idle = await signIn(server, user.email)
  for (let hours = 0; hours < 44; hours += 11) {
    expect(await isSignedIn(used.browser)).toBe(true)
    server.clock.advance({ hours: 11 })
  }
  expect(await isSignedIn(idle.browser)).toBe(false)
  expect(await isSignedIn(used.browser)).toBe(true)
  const late = await discoverConsole(server)
  server.clock.advance({ hours: 3, minutes: 59 })
  const { url, finish } = await beginSignIn(server, late, { prompt: 'none' })
  const { url: callback } = await used.browser.follow(url)
  const { access_token: token } = await finish(callback)
  expect(await statusOf({ Authorization: `Bearer ${token}` })).toBe(200)
  server.clock.advance({ minutes: 1 })
  expect(await statusOf({ Authorization: `Bearer ${token}` })).toBe(401)
  expect(await isSignedIn(used.browser)).toBe(false)
})

it('leave the list when they are signed out of, and all at once everywhere', async () => {
  const user = await createUser(server)
  const one = await signIn(server, user.email)
  await signIn(server, user.email)
  await server.http.post('/v1/api/me/sign_out_everywhere').set(one.headers).expect(204)
  const again = await signIn(server, user.email)
  expect((await sessionsOf(again.headers)).meta.total).toBe(1)
})

it('that are over are forgotten', async () => {
  const user = await createUser(server)
  await signIn(server, user.email)
  server.clock.advance({ hours: 49 })
  const count = () => server.deps.database.query('select 1 from user_sessions where user_id = $1', [user.id])
  await server.deps.signIn.sessions.deleteExpired(server.clock.date(), 1000)
  expect(await count()).toHaveLength(0)
})
