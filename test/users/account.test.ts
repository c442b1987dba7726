import { Secret, TOTP } from 'otpauth'
import { startServer, type TestServer } from '../support/server.ts'
import {
  Browser,
  beginSignIn,
  createUser,
  discoverConsole,
  enrolTotp,
  PASSWORD,
  signIn,
} from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const attributes = (values: object) => ({ data: { attributes: values } })

/** What the page answers to an attempt. */
async function attempt(email: string, password: string, code = '') {
  const browser = new Browser()
  const { url } = await beginSignIn(server, await discoverConsole(server))
  const page = await browser.follow(url)
  const { url: end, answer } = await browser.submit(page.url, { email, password, code })
  return { signedIn: end.searchParams.has('code'), status: answer.status, answer }
}

describe('failed sign-ins', () => {
  it.each(['of somebody', 'of an email that nobody has'])('%s are slowed after the fifth', async who => {
    const user = await createUser(server)
    const email = who === 'of somebody' ? user.email : `${crypto.randomUUID()}@example.test`
    const statuses: number[] = []
    for (let tries = 0; tries < 5; tries += 1) statuses.push((await attempt(email, 'wrong password')).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401])
    server.clock.advance({ ms: 0 })
    expect((await attempt(email, 'wrong password')).status).toBe(429)
  })

  it('make even the right password wait, twice as long each time, and are forgotten when it comes', async () => {
    const user = await createUser(server)
    for (let tries = 0; tries < 5; tries += 1) await attempt(user.email, 'wrong password')
    const slowed = await attempt(user.email, PASSWORD)
    expect([slowed.status, slowed.answer.headers.get('retry-after')]).toEqual([429, '1'])
    server.clock.advance({ seconds: 1 })
    expect((await attempt(user.email, 'wrong password')).status).toBe(401)
    const longer = await attempt(user.email, PASSWORD)
    expect([longer.status, longer.answer.headers.get('retry-after')]).toEqual([429, '2'])
    server.clock.advance({ seconds: 2 })
    expect((await attempt(user.email, PASSWORD)).signedIn).toBe(true)
    expect((await attempt(user.email, 'wrong password')).status).toBe(401)
  })

  it('are counted when they come at once', async () => {
    const user = await createUser(server)
    const all = await Promise.all(Array.from({ length: 12 }, () => attempt(user.email, 'wrong password')))
    expect(all.filter(({ status }) => status === 401)).toHaveLength(5)
  })
})

describe('a password', () => {
  const change = (headers: Record<string, string>, currentPassword: string, newPassword: string) =>
    server.http.put('/v1/api/me/password').set(headers).send(attributes({ currentPassword, newPassword }))

  it('is changed by who knows it', async () => {
    const user = await createUser(server)
    const { headers } = await signIn(server, user.email)
    const wrong = await change(headers, 'wrong password', 'another long password')
    expect([wrong.status, wrong.body.code]).toEqual([403, 'password_refused'])
    const short = await change(headers, PASSWORD, 'short')
    expect([short.status, short.body.errors[0].pointer]).toEqual([400, '/data/attributes/newPassword'])
    expect((await change(headers, PASSWORD, 'another long password')).status).toBe(204)
    expect((await attempt(user.email, PASSWORD)).signedIn).toBe(false)
    expect((await attempt(user.email, 'another long password')).signedIn).toBe(true)
  })

  it('that is guessed at through the API is slowed as well', async () => {
    const user = await createUser(server)
    const { headers } = await signIn(server, user.email)
    for (let tries = 0; tries < 5; tries += 1)
      await change(headers, 'wrong password', 'another long password')
    const { status, body, headers: answered } = await change(headers, PASSWORD, 'another long password')
    expect([status, body.code, answered['retry-after']]).toEqual([429, 'sign_in_slowed', '1'])
  })
})

describe('one-time codes', () => {
  const post = (path: string, headers: Record<string, string>, values: object = {}) =>
    server.http.post(`/v1/api/me/totp${path}`).set(headers).send(attributes(values))

  async function enrolled() {
    const user = await createUser(server)
    const { headers } = await signIn(server, user.email)
    const { secret, uri } = (await post('', headers, { password: PASSWORD })).body.meta.totp
    expect(uri).toContain(encodeURIComponent(user.email))
    const totp = new TOTP({ secret: Secret.fromBase32(secret) })
    const code = () => totp.generate({ timestamp: server.clock.now() })
    return { user, headers, code, secret }
  }

  it('are asked for once one has been confirmed', async () => {
    const { user, headers, code } = await enrolled()
    expect((await attempt(user.email, PASSWORD)).signedIn).toBe(true)
    expect((await post('/confirm', headers, { code: '000000' })).status).toBe(400)
    expect((await post('/confirm', headers, { code: code() })).status).toBe(204)
    expect((await attempt(user.email, PASSWORD)).signedIn).toBe(false)
    server.clock.advance({ minutes: 1 })
    expect((await attempt(user.email, PASSWORD, '000000')).signedIn).toBe(false)
    expect((await attempt(user.email, PASSWORD, code())).signedIn).toBe(true)
    expect((await post('', headers, { password: PASSWORD })).body.code).toBe('totp_enrolled')
  })

  it('take the password to begin, and a code of it within ten minutes', async () => {
    const user = await createUser(server)
    const { headers } = await signIn(server, user.email)
    expect((await post('', headers)).status).toBe(400)
    const refused = await post('', headers, { password: 'wrong password' })
    expect([refused.status, refused.body.code]).toEqual([403, 'password_refused'])
    const begun = await enrolled()
    server.clock.advance({ minutes: 10 })
    expect((await signIn(server, begun.user.email)).token).toBeDefined()
    const late = await signIn(server, begun.user.email)
    expect((await post('/confirm', late.headers, { code: begun.code() })).status).toBe(400)
  })

  it('end the sessions that were begun without one, but for that which sets them up', async () => {
    const { user, headers, code } = await enrolled()
    const other = await signIn(server, user.email)
    expect((await post('/confirm', headers, { code: code() })).status).toBe(204)
    expect((await server.http.get('/v1/api/me').set(other.headers)).status).toBe(401)
    expect((await server.http.get('/v1/api/me').set(headers)).status).toBe(200)
  })

  it('go with the password where an owner’s reset drops them, and stay where it does not', async () => {
    const { organizationId } = await server.createProject()
    const owner = await createUser(server, { [organizationId]: 'OWNER' })
    const { headers: owners } = await signIn(server, owner.email)
    for (const dropTotp of [false, true]) {
      const member = await createUser(server, { [organizationId]: 'MEMBER' })
      const { headers } = await signIn(server, member.email)
      const code = await enrolTotp(server, headers)
      const reset = `/v1/api/organizations/${organizationId}/members/${member.id}/password_reset`
      const made = await server.http.post(reset).set(owners).send(attributes({ dropTotp }))
      expect((await attempt(member.email, PASSWORD)).signedIn).toBe(false)
      const { secret } = made.body.meta.passwordReset
      const password = 'a whole new password'
      const redeemed = await server.http
        .post('/v1/api/password_resets/redeem')
        .send(attributes({ secret, password }))
      expect(redeemed.status).toBe(204)
      expect((await attempt(member.email, password)).signedIn).toBe(dropTotp)
      server.clock.advance({ minutes: 1 })
      expect((await attempt(member.email, password, code())).signedIn).toBe(true)
      const events = await server.deps.database.query<{ action: string; before: unknown; after: unknown }>(
        `select action, before, after from audit_events where target_id = $1
           and action in ('member.reset_password', 'user.redeem_password_reset') order by id`,
        [member.id],
      )
      expect(events[0]).toMatchObject({ action: 'member.reset_password', after: { dropTotp } })
      expect(events.at(-1)).toMatchObject({
        action: 'user.redeem_password_reset',
        before: { totp: true },
        after: { totp: !dropTotp },
      })
    }
  })

  it('are good once each', async () => {
    const { user, headers, code } = await enrolled()
    await post('/confirm', headers, { code: code() })
    expect((await attempt(user.email, PASSWORD, code())).signedIn).toBe(false)
    server.clock.advance({ seconds: 30 })
    const both = await Promise.all([1, 2].map(() => attempt(user.email, PASSWORD, code())))
    expect(both.filter(({ signedIn }) => signedIn)).toHaveLength(1)
  })

  it('are no longer asked for when the password removes them', async () => {
    const { user, headers, code } = await enrolled()
    await post('/confirm', headers, { code: code() })
    expect((await post('/disable', headers, { password: 'wrong password' })).status).toBe(403)
    expect((await post('/disable', headers, { password: PASSWORD })).status).toBe(204)
    expect((await attempt(user.email, PASSWORD)).signedIn).toBe(true)
  })

  it('have a secret that is nowhere in the clear', async () => {
    const { user, headers, code, secret } = await enrolled()
    await post('/confirm', headers, { code: code() })
    const { text } = await server.http.get('/v1/api/me').set(headers)
    expect(text).not.toContain(secret)
    const [row] = await server.deps.database.query<{ sealed: string }>(
      `select encode(totp_secret, 'hex') as sealed from users where id = $1`,
      [user.id],
    )
    expect(row?.sealed).not.toContain(Buffer.from(Secret.fromBase32(secret).bytes).toString('hex'))
  })
})
