import type { Role } from '../../src/access/role.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, PASSWORD, signIn, type TestUser } from '../support/sign-in.ts'

let server: TestServer
let project: TestProject
let owner: TestUser
let headers: Headers
let user: TestUser
let theirs: Headers
let organization: string
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.createProject('Harbour')
  organization = `/v1/api/organizations/${project.organizationId}`
  owner = await createUser(server, { [project.organizationId]: 'OWNER' })
  headers = (await signIn(server, owner.email)).headers
  user = await createUser(server)
  theirs = (await signIn(server, user.email)).headers
})

type Headers = Record<string, string>
const attributes = (values: object) => ({ data: { attributes: values } })
const OWN = '/v1/api/me/invitations'

/** Invites as an owner does who adds a member. */
async function invite(email = user.email, role: Role = 'MEMBER', as = headers, where = organization) {
  const { body } = await server.http.post(`${where}/members`).set(as).send(attributes({ email, role }))
  return { id: String(body.data.id), secret: String(body.meta.invitation.secret) }
}
const waiting = async (as = theirs) => (await server.http.get(OWN).set(as)).body.data
const accept = (id: string, as = theirs) => server.http.post(`${OWN}/${id}/accept`).set(as)
const decline = (id: string, as = theirs) => server.http.delete(`${OWN}/${id}`).set(as)
const actionsOf = async () => {
  const { body } = await server.http.get(`${organization}/audit_events?per_page=100`).set(headers)
  return body.data.map((event: { attributes: { action: string } }) => event.attributes.action)
}

describe('somebody with an account', () => {
  it('is in an organization from their yes on, and not before', async () => {
    const { id } = await invite(` ${user.email.toUpperCase()}`, 'ADMIN')
    expect((await server.http.get(organization).set(theirs)).status).toBe(404)
    const createdAt = server.clock.date().toISOString()
    expect(await waiting()).toEqual([
      {
        id,
        type: 'invitation',
        attributes: {
          organization: { id: project.organizationId, name: 'Harbour organization' },
          role: 'ADMIN',
          invitedBy: { name: 'Test Person', email: owner.email },
          createdAt,
          expiresAt: new Date(server.clock.now() + 7 * 86_400_000).toISOString(),
        },
      },
    ])
    const joined = await accept(id)
    expect([joined.status, joined.body.data]).toMatchObject([
      200,
      { id: user.id, type: 'member', attributes: { email: user.email, role: 'ADMIN', totp: false } },
    ])
    expect((await server.http.get(organization).set(theirs)).status).toBe(200)
    expect(await waiting()).toEqual([])
    expect((await accept(id)).status).toBe(404)
    expect(await actionsOf()).toEqual(expect.arrayContaining(['invitation.accept', 'member.create']))
  })

  it('is in once when they say yes twice at the same moment, or once by the link', async () => {
    const { id, secret } = await invite()
    const byLink = server.http
      .post('/v1/api/invitations/accept')
      .send(attributes({ secret, password: PASSWORD }))
    const answers = await Promise.all([accept(id), accept(id), byLink])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404, 404])
    const { body } = await server.http.get(`${organization}/members`).set(headers)
    expect(body.data).toHaveLength(2)
  })

  it('says no without the organization being told, which would tell that there is an account', async () => {
    const { id } = await invite()
    const { body: before } = await server.http.get(`${organization}/invitations`).set(headers)
    const recorded = await actionsOf()
    expect((await decline(id)).status).toBe(204)
    expect(await waiting()).toEqual([])
    for (const answer of [await accept(id), await decline(id)]) expect(answer.status).toBe(404)
    expect((await server.http.get(`${organization}/invitations`).set(headers)).body).toEqual(before)
    expect(await actionsOf()).toEqual(recorded)
    const own = await server.http.get('/v1/api/me/account_events').set(theirs)
    expect(own.body.data[0].attributes).toMatchObject({
      action: 'user.decline_invitation',
      after: { organizationId: project.organizationId },
    })
  })

  it('has no say in the invitations of others', async () => {
    const other = await createUser(server)
    const { id } = await invite(other.email)
    for (const answer of [await accept(id), await decline(id)])
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found'])
    const asOther = (await signIn(server, other.email)).headers
    expect(await waiting(asOther)).toHaveLength(1)
  })

  it.each([
    ['is past its time', async () => server.clock.advance({ days: 7 })],
    [
      'is withdrawn',
      async (id: string) => server.http.delete(`${organization}/invitations/${id}`).set(headers),
    ],
    ['has given way to another', async () => invite(user.email, 'VIEWER')],
    [
      'is of an organization that is gone',
      async () => {
        // The first organization of the server stays: this is none.
        await server.http.delete(organization).set(headers)
      },
    ],
  ])('does not find one that %s', async (_what, end) => {
    const { id } = await invite()
    await end(id)
    theirs = (await signIn(server, user.email)).headers
    expect((await waiting()).map((one: { id: string }) => one.id)).not.toContain(id)
    for (const answer of [await accept(id), await decline(id)]) expect(answer.status).toBe(404)
  })

  it('finds it when who invited them has gone, and is not told a name any more', async () => {
    await createUser(server, { [project.organizationId]: 'OWNER' })
    const { id } = await invite()
    await server.http
      .delete('/v1/api/me')
      .set(headers)
      .send(attributes({ password: PASSWORD }))
    expect(await waiting()).toMatchObject([{ id, attributes: { invitedBy: null } }])
    expect((await accept(id)).status).toBe(200)
  })

  it('who has left can be invited again', async () => {
    await accept((await invite()).id)
    expect((await server.http.delete(`${organization}/members/me`).set(theirs)).status).toBe(204)
    expect(await waiting()).toEqual([])
    expect((await accept((await invite(user.email, 'VIEWER')).id)).body.data.attributes.role).toBe('VIEWER')
  })
})

describe('an account that only the invitation of an organization made', () => {
  /** Made by the link of the project's owner, who alone says whose the address is. */
  async function vouched() {
    const email = `${crypto.randomUUID()}@example.test`
    const { secret } = await invite(email)
    const made = await server.http
      .post('/v1/api/invitations/accept')
      .send(attributes({ secret, name: 'Claims it', password: PASSWORD }))
    expect(made.status).toBe(200)
    return { email, headers: (await signIn(server, email)).headers }
  }
  async function stranger() {
    const elsewhere = await server.createProject('Elsewhere')
    const { id, email } = await createUser(server, { [elsewhere.organizationId]: 'OWNER' })
    return {
      id,
      elsewhere,
      headers: (await signIn(server, email)).headers,
      organization: `/v1/api/organizations/${elsewhere.organizationId}`,
    }
  }

  it('is not shown what others offer to the address, and takes it by the link alone', async () => {
    const account = await vouched()
    const other = await stranger()
    const { id, secret } = await invite(account.email, 'ADMIN', other.headers, other.organization)
    expect(await waiting(account.headers)).toEqual([])
    expect((await accept(id, account.headers)).status).toBe(404)
    const byLink = await server.http
      .post('/v1/api/invitations/accept')
      .send(attributes({ secret, password: PASSWORD }))
    expect(byLink.status).toBe(200)
  })

  it('is shown what its own organization offers, and people whom it is in one with', async () => {
    const account = await vouched()
    await server.http.delete(`${organization}/members/me`).set(account.headers)
    const again = await invite(account.email)
    expect(await waiting(account.headers)).toMatchObject([{ id: again.id }])
    expect((await accept(again.id, account.headers)).status).toBe(200)
    const colleague = await server.createProject('Colleague')
    await server.deps.database.query(
      `insert into members (id, organization_id, user_id, role, created_at, updated_at)
       values (gen_random_uuid(), $1, $2, 'OWNER', now(), now())`,
      [colleague.organizationId, owner.id],
    )
    const where = `/v1/api/organizations/${colleague.organizationId}`
    const { id } = await invite(account.email, 'VIEWER', headers, where)
    expect(await waiting(account.headers)).toMatchObject([{ id }])
  })
})
