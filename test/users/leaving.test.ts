import type { Role } from '../../src/access/role.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, PASSWORD, signIn, type TestUser } from '../support/sign-in.ts'

let server: TestServer
let project: TestProject
let owner: TestUser
let headers: Headers
let organization: string
beforeAll(async () => {
  server = await startServer()
  // The first one is the instance's own, and cannot be deleted.
  await server.createProject('First')
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.createProject()
  organization = `/v1/api/organizations/${project.organizationId}`
  owner = await createUser(server, { [project.organizationId]: 'OWNER' })
  headers = (await signIn(server, owner.email)).headers
})

type Headers = Record<string, string>
const attributes = (values: object) => ({ data: { attributes: values } })
const leave = (as: Headers) => server.http.delete(`${organization}/members/me`).set(as)
const member = async (role: Role) => {
  const user = await createUser(server, { [project.organizationId]: role })
  return { user, headers: (await signIn(server, user.email)).headers }
}

it.each(['VIEWER', 'MEMBER', 'ADMIN', 'OWNER'] as const)('is up to a member who is %s', async role => {
  const { user, headers: theirs } = await member(role)
  expect((await leave(theirs)).status).toBe(204)
  for (const path of [organization, project.path])
    expect((await server.http.get(path).set(theirs)).status).toBe(404)
  expect((await leave(theirs)).status).toBe(404)
  const { body } = await server.http.get(`${organization}/audit_events`).set(headers)
  expect(body.data[0].attributes).toMatchObject({
    action: 'member.leave',
    actor: { type: 'user', id: user.id },
    target: { type: 'member', id: user.id, name: user.email },
    before: { role },
  })
})

it('is refused to the last owner, who names another one or deletes the organization', async () => {
  const { user, headers: theirs } = await member('VIEWER')
  const refused = await leave(headers)
  expect([refused.status, refused.body.code]).toEqual([409, 'last_owner'])
  expect(refused.body.detail).toContain('delete the organization')
  const named = await server.http
    .put(`${organization}/members/${user.id}`)
    .set(headers)
    .send(attributes({ role: 'OWNER' }))
  expect(named.status).toBe(200)
  expect((await leave(headers)).status).toBe(204)
  expect((await leave(theirs)).status).toBe(409)
  expect((await server.http.delete(organization).set(theirs)).status).toBe(204)
})

it('leaves an owner when both of two go at the same moment', async () => {
  const { headers: theirs } = await member('OWNER')
  const answers = await Promise.all([leave(headers), leave(theirs)])
  expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 409])
})

it('lets somebody delete their account who was left behind as the only owner', async () => {
  const { headers: theirs } = await member('OWNER')
  expect((await leave(headers)).status).toBe(204)
  const remove = () =>
    server.http
      .delete('/v1/api/me')
      .set(theirs)
      .send(attributes({ password: PASSWORD }))
  const refused = await remove()
  expect([refused.status, refused.body.organizations]).toMatchObject([409, [{ id: project.organizationId }]])
  expect(refused.body.detail).toContain('delete the organization')
  expect((await server.http.delete(organization).set(theirs)).status).toBe(204)
  expect((await remove()).status).toBe(204)
})

describe('an owner who is one no more', () => {
  async function made() {
    const { user, headers: theirs } = await member('OWNER')
    const { user: victim } = await member('VIEWER')
    const invited = await server.http
      .post(`${organization}/invitations`)
      .set(theirs)
      .send(attributes({ email: `${crypto.randomUUID()}@example.test`, role: 'OWNER' }))
    const reset = await server.http.post(`${organization}/members/${victim.id}/password_reset`).set(theirs)
    return {
      user,
      theirs,
      secret: invited.body.meta.invitation.secret,
      reset: reset.body.meta.passwordReset.secret,
    }
  }
  const join = (secret: string) =>
    server.http
      .post('/v1/api/invitations/accept')
      .send(attributes({ secret, name: 'Back door', password: PASSWORD }))
  const redeem = (secret: string) =>
    server.http
      .post('/v1/api/password_resets/redeem')
      .send(attributes({ secret, password: 'chosen by the one who left' }))

  it.each([
    ['removed', (id: string) => server.http.delete(`${organization}/members/${id}`).set(headers)],
    [
      'made less',
      (id: string) =>
        server.http
          .put(`${organization}/members/${id}`)
          .set(headers)
          .send(attributes({ role: 'ADMIN' })),
    ],
  ])(
    'as they were %s has no link left that opens the organization or an account of it',
    async (_how, end) => {
      const { user, secret, reset } = await made()
      expect((await end(user.id)).status).toBeLessThan(300)
      expect((await join(secret)).status).toBe(404)
      expect((await redeem(reset)).status).toBe(404)
      const { body } = await server.http.get(`${organization}/audit_events`).set(headers)
      const actions = body.data.map((event: { attributes: { action: string } }) => event.attributes.action)
      expect(actions).toContain('invitation.delete')
    },
  )

  it('as they left leaves invitations to who remains, and no link to an account of others', async () => {
    const { theirs, secret, reset } = await made()
    expect((await leave(theirs)).status).toBe(204)
    expect((await redeem(reset)).status).toBe(404)
    expect((await join(secret)).status).toBe(200)
  })

  it('as they deleted their account leaves no link to an account of others', async () => {
    const { theirs, reset } = await made()
    const gone = await server.http
      .delete('/v1/api/me')
      .set(theirs)
      .send(attributes({ password: PASSWORD }))
    expect(gone.status).toBe(204)
    expect((await redeem(reset)).status).toBe(404)
  })
})

it('ends the link to a new password that was made for who leaves or is removed', async () => {
  for (const how of ['leaves', 'is removed']) {
    const { user, headers: theirs } = await member('VIEWER')
    const made = await server.http.post(`${organization}/members/${user.id}/password_reset`).set(headers)
    const { secret } = made.body.meta.passwordReset
    const removal = server.http.delete(`${organization}/members/${user.id}`).set(headers)
    expect((await (how === 'leaves' ? leave(theirs) : removal)).status).toBe(204)
    const { status } = await server.http
      .post('/v1/api/password_resets/redeem')
      .send(attributes({ secret, password: 'another long password' }))
    expect([how, status]).toEqual([how, 404])
  }
})
