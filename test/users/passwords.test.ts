import { startServer, type TestServer } from '../support/server.ts'
import { createUser, PASSWORD, signIn } from '../support/sign-in.ts'

const COMPOSED = 'ma\u00f1ana por la tarde'
const DECOMPOSED = 'man\u0303ana por la tarde'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const attributes = (values: object) => ({ data: { attributes: values } })

async function change(email: string, newPassword: string, currentPassword = PASSWORD) {
  const { headers } = await signIn(server, email, { password: currentPassword })
  return server.http
    .put('/v1/api/me/password')
    .set(headers)
    .send(attributes({ currentPassword, newPassword }))
}

const setHash = (id: string, hash: string) =>
  server.deps.database.query('update users set password_hash = $2 where id = $1', [id, hash])

async function hashOf(id: string): Promise<string | undefined> {
  const rows = await server.deps.database.query<{ hash: string }>(
    'select password_hash as hash from users where id = $1',
    [id],
  )
  return rows[0]?.hash
}

describe('a password', () => {
  it.each([
    [COMPOSED, DECOMPOSED],
    [DECOMPOSED, COMPOSED],
    ['ideographic\u3000space here', 'ideographic space here'],
  ])('that is set as %j is good as %j', async (set, typed) => {
    const user = await createUser(server)
    expect((await change(user.email, set)).status).toBe(204)
    await signIn(server, user.email, { password: typed })
    await signIn(server, user.email, { password: set })
  })

  it('that was hashed as it was typed, before, goes on being good, and is then good in either form', async () => {
    const user = await createUser(server)
    const { hash } = await import('argon2')
    const before = await hash(DECOMPOSED, { type: 2, memoryCost: 8, timeCost: 1, parallelism: 1 })
    await setHash(user.id, before)
    await signIn(server, user.email, { password: DECOMPOSED })
    expect(await hashOf(user.id)).not.toBe(before)
    await signIn(server, user.email, { password: COMPOSED })
    await signIn(server, user.email, { password: DECOMPOSED })
  })

  it('of another letter is another one', async () => {
    const user = await createUser(server)
    expect((await change(user.email, COMPOSED)).status).toBe(204)
    await expect(signIn(server, user.email, { password: 'manana por la tarde' })).rejects.toThrow('401')
  })
})

describe('a password that is easy to guess is refused, and told why,', () => {
  const refusal = (pointer: string, detail: RegExp) => ({
    code: 'validation_failed',
    errors: [{ pointer, detail: expect.stringMatching(detail) }],
  })

  it('where it is changed', async () => {
    const project = await server.createProject()
    const user = await createUser(server, { [project.organizationId]: 'OWNER' }, 'ann.smithson@example.test')
    const common = await change(user.email, 'Password2026!')
    expect([common.status, common.body]).toMatchObject([
      400,
      refusal('/data/attributes/newPassword', /tried first/),
    ])
    const own = await change(user.email, 'ann.smithson1')
    expect(own.body).toMatchObject(refusal('/data/attributes/newPassword', /your email/))
    await signIn(server, user.email)
  })

  it('where a reset link sets it, and the link stays good', async () => {
    const { organizationId } = await server.createProject()
    const owner = await createUser(server, { [organizationId]: 'OWNER' })
    const member = await createUser(server, { [organizationId]: 'MEMBER' })
    const { headers } = await signIn(server, owner.email)
    const made = await server.http
      .post(`/v1/api/organizations/${organizationId}/members/${member.id}/password_reset`)
      .set(headers)
    const redeem = (password: string) =>
      server.http
        .post('/v1/api/password_resets/redeem')
        .send(attributes({ secret: made.body.meta.passwordReset.secret, password }))
    expect((await redeem('administrator')).body).toMatchObject(
      refusal('/data/attributes/password', /tried first/),
    )
    expect((await redeem('a whole new password')).status).toBe(204)
  })

  it('where an invitation makes an account', async () => {
    const { organizationId } = await server.createProject()
    const owner = await createUser(server, { [organizationId]: 'OWNER' })
    const { headers } = await signIn(server, owner.email)
    const invited = await server.http
      .post(`/v1/api/organizations/${organizationId}/invitations`)
      .set(headers)
      .send(attributes({ email: 'guest.of.mine@example.test', role: 'VIEWER' }))
    const { secret } = invited.body.meta.invitation
    const accept = (password: string) =>
      server.http.post('/v1/api/invitations/accept').send(attributes({ secret, name: 'Guest', password }))
    expect((await accept('guestofmine12')).body).toMatchObject(
      refusal('/data/attributes/password', /your email/),
    )
    expect((await accept('a whole new password')).status).toBe(200)
  })
})
