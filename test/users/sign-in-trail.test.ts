import * as oidc from 'openid-client'
import { startServer, type TestServer } from '../support/server.ts'
import { Browser, beginSignIn, createUser, discoverConsole, PASSWORD, signIn } from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** What an account has on record of sign-ins, oldest first. */
async function trailOf(userId: string) {
  await server.deps.signIn.trail.drain()
  const { items } = await server.deps.audit.store.list({ accountId: userId }, { page: 1, per_page: 100 })
  return items.filter(({ action }) => action.startsWith('user.sign_')).toReversed()
}

async function attempt(email: string, password: string): Promise<number> {
  const browser = new Browser()
  const page = await browser.follow((await beginSignIn(server, await discoverConsole(server))).url)
  return (await browser.submit(page.url, { email, password, code: '' })).answer.status
}

async function signOut(session: Awaited<ReturnType<typeof signIn>>, logout: Record<string, string>) {
  const url = oidc.buildEndSessionUrl(session.client, { id_token_hint: session.idToken ?? '' })
  const page = await (await session.browser.follow(url)).answer.text()
  const [, action = ''] = /action="([^"]+)"/.exec(page) ?? []
  const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(page) ?? []
  await session.browser.submit(action, { xsrf, ...logout })
}

const events = async (action: string) =>
  (
    await server.deps.database.query<{ place: string | null; target: string }>(
      'select organization_id as place, target_id as target from audit_events where action = $1',
      [action],
    )
  ).map(({ place, target }) => `${target} ${place}`)

it('a sign-in and a sign-out are on record of the account, once, and in none of its organizations', async () => {
  const [one, two] = [await server.createProject(), await server.createProject()]
  const user = await createUser(server, { [one.organizationId]: 'MEMBER', [two.organizationId]: 'VIEWER' })
  await signOut(await signIn(server, user.email), { logout: 'yes' })
  const person = { targetType: 'user', targetId: user.id, targetName: user.email, actorId: user.id }
  const event = { ...person, clientIp: '127.0.0.1', organizationId: null, projectId: null }
  expect(await trailOf(user.id)).toMatchObject([
    { action: 'user.sign_in', ...event },
    { action: 'user.sign_out', ...event },
  ])
  expect(await events('user.sign_in')).toContain(`${user.id} null`)
})

it('going on in a session that is there is no sign-in, and staying signed in no sign-out', async () => {
  const { organizationId } = await server.createProject()
  const user = await createUser(server, { [organizationId]: 'MEMBER' })
  const session = await signIn(server, user.email)
  await session.browser.follow((await beginSignIn(server, session.client)).url)
  await signOut(session, {})
  const trail = await trailOf(user.id)
  expect(trail.map(({ action }) => action)).toEqual(['user.sign_in'])
})

it('failures that slow an account are on record once, until somebody has signed in', async () => {
  const { organizationId } = await server.createProject()
  const user = await createUser(server, { [organizationId]: 'MEMBER' })
  const slowed = async () => (await trailOf(user.id)).filter(({ action }) => action === 'user.sign_in_slowed')
  for (let tries = 0; tries < 4; tries += 1) await attempt(user.email, 'wrong password')
  expect(await slowed()).toEqual([])
  for (let tries = 0; tries < 4; tries += 1) await attempt(user.email, 'wrong password')
  server.clock.advance({ seconds: 1 })
  expect(await attempt(user.email, 'wrong password')).toBe(401)
  const noted = await slowed()
  expect(noted).toMatchObject([
    { actorType: 'system', actorId: null, actorName: 'sign-in', targetId: user.id, clientIp: '127.0.0.1' },
  ])
  server.clock.advance({ minutes: 5 })
  await attempt(user.email, PASSWORD)
  for (let tries = 0; tries < 5; tries += 1) await attempt(user.email, 'wrong password')
  expect(await slowed()).toHaveLength(2)
})

it('a right password at the last free attempt is a sign-in and nothing else', async () => {
  const { organizationId } = await server.createProject()
  const user = await createUser(server, { [organizationId]: 'MEMBER' })
  for (let tries = 0; tries < 4; tries += 1) await attempt(user.email, 'wrong password')
  await attempt(user.email, PASSWORD)
  const trail = await trailOf(user.id)
  expect(trail.map(({ action }) => action)).toEqual(['user.sign_in'])
})

it('failures of an email that nobody has leave nothing', async () => {
  const before = await events('user.sign_in_slowed')
  const email = `${crypto.randomUUID()}@example.test`
  for (let tries = 0; tries < 7; tries += 1) await attempt(email, 'wrong password')
  await server.deps.signIn.trail.drain()
  expect(await events('user.sign_in_slowed')).toEqual(before)
})
