import { startServer, type TestServer } from '../support/server.ts'
import { Browser, beginSignIn, createUser, discoverConsole, PASSWORD, signIn } from '../support/sign-in.ts'

let server: TestServer
beforeEach(async () => {
  // Of its own for each: they share an address, whose failures are counted.
  server = await startServer()
})
afterEach(() => server.close())

const attributes = (values: object) => ({ data: { attributes: values } })

/** The status of an attempt; 303 where it signs in. */
async function attempt(email: string, password: string, browser = new Browser()): Promise<number> {
  const { url } = await beginSignIn(server, await discoverConsole(server), { prompt: 'login' })
  const page = await browser.follow(url)
  const { url: end, answer } = await browser.submit(page.url, { email, password, code: '' })
  return end.searchParams.has('code') ? 303 : answer.status
}

/** A stranger, who guesses at the end of each wait. */
async function attack(email: string, guesses = 6): Promise<void> {
  for (let tries = 0; tries < guesses; tries += 1) await attempt(email, 'wrong password')
}

/** A browser that somebody has signed in with, and that is signed in no more. */
async function knownBrowserOf(email: string): Promise<Browser> {
  const { browser } = await signIn(server, email)
  const known = new Browser()
  for (const cookie of browser.cookies()) if (cookie.name.includes('sp_browser_')) known.keep(cookie)
  return known
}

it('lets in at once whom strangers keep guessing at, where they have signed in before', async () => {
  const user = await createUser(server)
  const known = await knownBrowserOf(user.email)
  await attack(user.email)
  expect(await attempt(user.email, PASSWORD)).toBe(429)
  expect(await attempt(user.email, PASSWORD, known)).toBe(303)
  // And does not forgive the stranger.
  expect(await attempt(user.email, 'wrong password')).toBe(429)
})

it('slows a known browser by its own failures, which slow nobody else', async () => {
  const user = await createUser(server)
  const known = await knownBrowserOf(user.email)
  const other = await knownBrowserOf(user.email)
  const statuses: number[] = []
  for (let tries = 0; tries < 6; tries += 1) statuses.push(await attempt(user.email, 'wrong password', known))
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
  expect(await attempt(user.email, PASSWORD, known)).toBe(429)
  expect(await attempt(user.email, PASSWORD, other)).toBe(303)
  expect(await attempt(user.email, PASSWORD)).toBe(303)
})

it('knows a browser for the person who has signed in with it, and for nobody else', async () => {
  const [user, other] = [await createUser(server), await createUser(server)]
  const known = await knownBrowserOf(other.email)
  await attack(user.email)
  expect(await attempt(user.email, PASSWORD, known)).toBe(429)
})

it.each(['sign out everywhere', 'a new password'])('forgets every browser by %s', async what => {
  const user = await createUser(server)
  const known = await knownBrowserOf(user.email)
  const { headers } = await signIn(server, user.email)
  const password = what === 'a new password' ? 'a whole new password' : PASSWORD
  if (what === 'a new password')
    await server.http
      .put('/v1/api/me/password')
      .set(headers)
      .send(attributes({ currentPassword: PASSWORD, newPassword: password }))
      .expect(204)
  else await server.http.post('/v1/api/me/sign_out_everywhere').set(headers).expect(204)
  await attack(user.email)
  expect(await attempt(user.email, password, known)).toBe(429)
})

it('is not locked out by what others of its address do, and strangers are', async () => {
  const user = await createUser(server)
  const known = await knownBrowserOf(user.email)
  for (let tries = 0; tries < 101; tries += 1) await attempt(`${tries}@example.test`, 'wrong password')
  expect(await attempt((await createUser(server)).email, PASSWORD)).toBe(429)
  expect(await attempt(user.email, PASSWORD, known)).toBe(303)
})

it('is no way round the wait for who makes one up', async () => {
  const user = await createUser(server)
  const known = await knownBrowserOf(user.email)
  const [cookie] = known.cookies()
  if (!cookie) throw new Error('no cookie')
  const forged = new Browser()
  forged.keep({ ...cookie, value: cookie.value.replace(/^./, first => (first === 'A' ? 'B' : 'A')) })
  await attack(user.email)
  expect(await attempt(user.email, PASSWORD, forged)).toBe(429)
})

it('lets a person at a session change the password while strangers guess at it', async () => {
  const user = await createUser(server)
  const { headers } = await signIn(server, user.email)
  await attack(user.email)
  const { status } = await server.http
    .put('/v1/api/me/password')
    .set(headers)
    .send(attributes({ currentPassword: PASSWORD, newPassword: 'a whole new password' }))
  expect(status).toBe(204)
})
