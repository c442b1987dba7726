import type { Role } from '../../src/access/role.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, PASSWORD, signIn, type TestUser } from '../support/sign-in.ts'

let server: TestServer
let project: TestProject
let owner: TestUser
let headers: Record<string, string>
let organization: string
beforeAll(async () => {
  server = await startServer({ env: { ORGANIZATION_CREATION: 'anyone' } })
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.createProject()
  organization = `/v1/api/organizations/${project.organizationId}`
  owner = await createUser(server, { [project.organizationId]: 'OWNER' })
  headers = (await signIn(server, owner.email)).headers
})

const attributes = (values: object) => ({ data: { attributes: values } })
const member = (role: Role) => createUser(server, { [project.organizationId]: role })
const setRole = (userId: string, role: Role, as = headers) =>
  server.http.put(`${organization}/members/${userId}`).set(as).send(attributes({ role }))
const remove = (userId: string, as = headers) =>
  server.http.delete(`${organization}/members/${userId}`).set(as)
const auditOf = async (action: string) => {
  const { body } = await server.http.get(`${organization}/audit_events?per_page=100`).set(headers)
  const events: { attributes: Record<string, unknown> }[] = body.data
  return events.map(event => event.attributes).filter(event => event.action === action)
}

describe('the last owner', () => {
  it('is neither removed nor made less', async () => {
    for (const answer of [await remove(owner.id), await setRole(owner.id, 'ADMIN')])
      expect([answer.status, answer.body.code]).toEqual([409, 'last_owner'])
    expect((await setRole(owner.id, 'OWNER')).status).toBe(200)
  })

  it('remains one of two who remove each other at the same moment', async () => {
    const other = await member('OWNER')
    const theirs = (await signIn(server, other.email)).headers
    const answers = await Promise.all([remove(other.id), remove(owner.id, theirs)])
    expect(answers.map(answer => answer.status).filter(status => status === 204)).toHaveLength(1)
    const owners = await server.deps.database.query(
      `select 1 from members where organization_id = $1 and role = 'OWNER'`,
      [project.organizationId],
    )
    expect(owners).toHaveLength(1)
  })
})

describe('a member', () => {
  it('who is removed does not find the organization at the very next call', async () => {
    const user = await member('ADMIN')
    const theirs = (await signIn(server, user.email)).headers
    expect((await server.http.get(organization).set(theirs)).status).toBe(200)
    expect((await remove(user.id)).status).toBe(204)
    for (const path of [organization, project.path, `${project.path}/sentinel_passes`])
      expect((await server.http.get(path).set(theirs)).status).toBe(404)
    expect((await server.http.get('/v1/api/me').set(theirs)).body.data.attributes.organizations).toEqual([])
  })

  it('whose role is changed has it at the very next call', async () => {
    const user = await member('VIEWER')
    const theirs = (await signIn(server, user.email)).headers
    const keys = () => server.http.get(`${project.path}/api_keys`).set(theirs)
    expect((await keys()).status).toBe(403)
    expect((await setRole(user.id, 'ADMIN')).body.data.attributes.role).toBe('ADMIN')
    expect((await keys()).status).toBe(200)
    const [event] = await auditOf('member.update')
    expect(event).toMatchObject({
      actor: { type: 'user', id: owner.id, name: owner.email },
      target: { type: 'member', id: user.id, name: user.email },
      clientIp: '127.0.0.1',
      before: { role: 'VIEWER' },
      after: { role: 'ADMIN' },
    })
  })

  it('is listed with the role, and without anything secret', async () => {
    const { text, body } = await server.http.get(`${organization}/members`).set(headers)
    expect(body.data).toMatchObject([{ id: owner.id, type: 'member', attributes: { role: 'OWNER' } }])
    expect(text).not.toMatch(/argon2|password|secret/i)
  })

  it('is shown to others without how and when they sign in, but to themselves and to who may reset them', async () => {
    const elsewhere = await server.createProject()
    const away = await createUser(server, {
      [project.organizationId]: 'MEMBER',
      [elsewhere.organizationId]: 'VIEWER',
    })
    const viewer = await member('VIEWER')
    const theirs = (await signIn(server, viewer.email)).headers
    await signIn(server, away.email)
    const shown = async (as: Record<string, string>) => {
      const { body } = await server.http.get(`${organization}/members`).set(as)
      const members: { id: string; attributes: { totp: boolean | null; lastSignedInAt: string | null } }[] =
        body.data
      return Object.fromEntries(
        members.map(({ id, attributes: { totp, lastSignedInAt } }) => [id, [totp, lastSignedInAt !== null]]),
      )
    }
    const hidden = [null, false]
    const known = [false, true]
    expect(await shown(theirs)).toEqual({ [owner.id]: hidden, [away.id]: hidden, [viewer.id]: known })
    // In an organization that is not the owner's as well, its owners have not agreed.
    expect(await shown(headers)).toEqual({ [owner.id]: known, [away.id]: hidden, [viewer.id]: known })
  })
})

describe('a password reset by an owner', () => {
  const reset = (userId: string) =>
    server.http.post(`${organization}/members/${userId}/password_reset`).set(headers)
  const redeem = (secret: string, password = 'a whole new password') =>
    server.http.post('/v1/api/password_resets/redeem').send(attributes({ secret, password }))

  it('gives a link that sets the password once, and ends every session', async () => {
    const user = await member('MEMBER')
    const theirs = (await signIn(server, user.email)).headers
    const made = await reset(user.id)
    const { secret, link } = made.body.meta.passwordReset
    expect([made.status, link]).toEqual([201, `${server.url}/console/password-reset#${secret}`])
    expect((await redeem(secret, 'short')).body.errors).toMatchObject([
      { pointer: '/data/attributes/password' },
    ])
    expect((await redeem(secret)).status).toBe(204)
    expect((await server.http.get('/v1/api/me').set(theirs)).status).toBe(401)
    await expect(signIn(server, user.email)).rejects.toThrow('401')
    await signIn(server, user.email, { password: 'a whole new password' })
    expect((await redeem(secret)).status).toBe(404)
    expect(await auditOf('member.reset_password')).toHaveLength(1)
  })

  it('stops with the next one, and after a day', async () => {
    const user = await member('MEMBER')
    const first = (await reset(user.id)).body.meta.passwordReset.secret
    const second = (await reset(user.id)).body.meta.passwordReset.secret
    expect((await redeem(first)).status).toBe(404)
    server.clock.advance({ days: 1 })
    expect((await redeem(second)).status).toBe(404)
  })

  it('stops with a new password, and with another organization, whose owners did not agree to it', async () => {
    const elsewhere = await server.createProject()
    const ends: Record<
      string,
      (user: TestUser, theirs: Record<string, string>) => PromiseLike<{ status: number }>
    > = {
      'a new password': (_user, theirs) =>
        server.http
          .put('/v1/api/me/password')
          .set(theirs)
          .send(attributes({ currentPassword: PASSWORD, newPassword: 'chosen by themselves' })),
      'an organization of their own': (_user, theirs) =>
        server.http
          .post('/v1/api/organizations')
          .set(theirs)
          .send(attributes({ name: 'Own' })),
      'joining another': async (user, theirs) => {
        const system = { type: 'system', id: null, name: 'test', clientIp: null } as const
        const input = { email: user.email, role: 'VIEWER' } as const
        const { invitation } = await server.deps.users.invitations.create(
          elsewhere.organizationId,
          system,
          input,
        )
        return server.http.post(`/v1/api/me/invitations/${invitation.id}/accept`).set(theirs)
      },
    }
    for (const [what, end] of Object.entries(ends)) {
      const user = await member('MEMBER')
      const theirs = (await signIn(server, user.email)).headers
      const { secret } = (await reset(user.id)).body.meta.passwordReset
      expect([what, (await end(user, theirs)).status < 300]).toEqual([what, true])
      expect([what, (await redeem(secret)).status]).toEqual([what, 404])
    }
  })

  it('is refused for who is in an organization of other owners', async () => {
    const elsewhere = await server.createProject()
    const user = await createUser(server, {
      [project.organizationId]: 'VIEWER',
      [elsewhere.organizationId]: 'OWNER',
    })
    const { status, body } = await reset(user.id)
    expect([status, body.code]).toEqual([403, 'forbidden'])
  })
})

describe('a project that is deleted', () => {
  it('takes its passes, keys and tokens along at once, and leaves its record', async () => {
    const made = await server.createPass(project)
    const token = await server.fetchToken(made.credentials)
    expect((await server.http.delete(project.path).set(headers)).status).toBe(204)
    expect((await server.http.get(project.path).set(headers)).status).toBe(404)
    for (const shown of [token, project.apiKey])
      expect(
        (await server.http.get('/v1/api/organizations').set('Authorization', `Bearer ${shown}`)).status,
      ).toBe(401)
    await expect(server.fetchToken(made.credentials)).rejects.toThrow('401')
    const count = async (table: string, column: string, value: string) =>
      (await server.deps.database.query(`select 1 from ${table} where ${column} = $1`, [value])).length
    for (const table of ['passes', 'agents', 'api_keys'])
      expect(await count(table, 'project_id', project.projectId)).toBe(0)
    expect(await count('pass_secrets', 'pass_id', made.id)).toBe(0)
    expect(await count('tombstones', 'project_id', project.projectId)).toBe(1)
    expect(await count('activity', 'agent_user_id', made.credentials.agentUserId)).toBeGreaterThan(0)
    expect(await auditOf('project.delete')).toHaveLength(1)
  })
})

it('what is made in a project at the moment that it is deleted is made or answers 404', async () => {
  const passes = `${project.path}/sentinel_passes`
  const made = await server.createPass(project)
  const answers = await Promise.all([
    ...Array.from({ length: 4 }, () =>
      server.http
        .post(passes)
        .set(headers)
        .send({ sentinelPass: { title: 'Late agent' } }),
    ),
    server.http.delete(project.path).set(headers),
    ...Array.from({ length: 4 }, () => server.http.post(`${project.path}/api_keys`).set(headers).send({})),
    ...Array.from({ length: 4 }, () =>
      server.http
        .post('/v1/api/oauth/token')
        .auth(made.credentials.clientId, made.credentials.clientSecret)
        .type('form')
        .send({ grant_type: 'client_credentials' }),
    ),
  ])
  for (const { status } of answers) expect([200, 201, 204, 401, 404]).toContain(status)
  expect((await server.http.get(project.path).set(headers)).status).toBe(404)
})

it('an organization belongs to who makes it', async () => {
  const user = await createUser(server)
  const theirs = (await signIn(server, user.email)).headers
  const made = await server.http
    .post('/v1/api/organizations')
    .set(theirs)
    .send(attributes({ name: 'Harbour' }))
  expect([made.status, made.body.data.attributes.name]).toEqual([201, 'Harbour'])
  const path = made.headers.location ?? ''
  const renamed = await server.http
    .put(path)
    .set(theirs)
    .send(attributes({ name: 'Port' }))
  expect([renamed.status, renamed.body.data.attributes.name]).toEqual([200, 'Port'])
  const inIt = await server.http
    .post(`${path}/projects`)
    .set(theirs)
    .send(attributes({ name: 'Pier' }))
  expect(inIt.status).toBe(201)
  expect((await server.http.get(path).set(headers)).status).toBe(404)
})
