import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, PASSWORD, signIn, type TestUser } from '../support/sign-in.ts'

let server: TestServer
let project: TestProject
let owner: TestUser
let user: TestUser
let headers: Headers
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.createProject()
  owner = await createUser(server, { [project.organizationId]: 'OWNER' })
  user = await createUser(server, { [project.organizationId]: 'MEMBER' })
  headers = (await signIn(server, owner.email)).headers
})

type Headers = Record<string, string>
const attributes = (values: object) => ({ data: { attributes: values } })
const organizationOf = ({ organizationId }: TestProject) => `/v1/api/organizations/${organizationId}`
const eventsOf = (id: string, as: Headers, where = project) =>
  server.http.get(`${organizationOf(where)}/members/${id}/account_events`).set(as)
const actions = ({ body }: { body: { data: { attributes: { action: string } }[] } }) =>
  body.data.map(event => event.attributes.action)

/** Signs in, makes a mistake or two, changes the name and the password. */
async function live(): Promise<Headers> {
  const { headers: theirs } = await signIn(server, user.email)
  const change = (path: string, values: object) =>
    server.http.put(`/v1/api/me${path}`).set(theirs).send(attributes(values))
  expect((await change('', { name: 'Renamed' })).status).toBe(200)
  expect((await change('/password', { currentPassword: PASSWORD, newPassword: PASSWORD })).status).toBe(204)
  return (await signIn(server, user.email)).headers
}

it('are shown to oneself, newest first, with the address each was done from', async () => {
  const theirs = await live()
  const answer = await server.http.get('/v1/api/me/account_events').set(theirs)
  expect(actions(answer)).toEqual(['user.sign_in', 'user.change_password', 'user.update', 'user.sign_in'])
  expect(answer.headers['cache-control']).toBe('no-store')
  for (const { attributes: event } of answer.body.data)
    expect(event).toMatchObject({ target: { type: 'user', id: user.id }, clientIp: '127.0.0.1' })
  const page = await server.http.get('/v1/api/me/account_events?page=2&per_page=3').set(theirs)
  expect(actions(page)).toEqual(['user.sign_in'])
  expect(page.body.meta).toMatchObject({ page: 2, per_page: 3, total: 4, total_pages: 2, next_cursor: null })
  expect((await server.http.get('/v1/api/me/account_events?of=everybody').set(theirs)).status).toBe(400)
})

it('are in the audit trail of none of their organizations', async () => {
  await live()
  const { body } = await server.http.get(`${organizationOf(project)}/audit_events?per_page=100`).set(headers)
  expect(body.data.map((event: { attributes: { action: string } }) => event.attributes.action)).toEqual(
    expect.not.arrayContaining([expect.stringMatching(/^user\./)]),
  )
})

it('are shown to an owner of all of their organizations, who may reset their password', async () => {
  await live()
  const answer = await eventsOf(user.id, headers)
  expect(answer.status).toBe(200)
  expect(actions(answer)).toEqual(['user.sign_in', 'user.change_password', 'user.update', 'user.sign_in'])
  const reset = await server.http
    .post(`${organizationOf(project)}/members/${user.id}/password_reset`)
    .set(headers)
  expect(reset.status).toBe(201)
  const [offered] = (await eventsOf(user.id, headers)).body.data
  expect(offered.attributes).toMatchObject({
    action: 'user.offer_password_reset',
    actor: { type: 'user', id: owner.id, name: owner.email },
    clientIp: null,
  })
})

it('are shown to no owner where the person is in an organization of others, as their password is not reset', async () => {
  const elsewhere = await server.createProject()
  const shared = await createUser(server, {
    [project.organizationId]: 'OWNER',
    [elsewhere.organizationId]: 'OWNER',
  })
  const foreign = await createUser(server, { [elsewhere.organizationId]: 'OWNER' })
  const asForeign = (await signIn(server, foreign.email)).headers
  for (const [where, as] of [
    [project, headers],
    [elsewhere, asForeign],
  ] as const) {
    for (const answer of [
      await eventsOf(shared.id, as, where),
      await server.http.post(`${organizationOf(where)}/members/${shared.id}/password_reset`).set(as),
    ])
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden'])
  }
})

it('are shown to no stranger, whom nobody can be made to join: neither to read nor to be in the way', async () => {
  const elsewhere = await server.createProject()
  const stranger = await createUser(server, { [elsewhere.organizationId]: 'OWNER' })
  const asStranger = (await signIn(server, stranger.email)).headers
  const invited = await server.http
    .post(`${organizationOf(elsewhere)}/members`)
    .set(asStranger)
    .send(attributes({ email: user.email, role: 'OWNER' }))
  expect(invited.status).toBe(201)
  expect((await eventsOf(user.id, asStranger, elsewhere)).status).toBe(404)
  expect((await eventsOf(user.id, headers)).status).toBe(200)
  const reset = await server.http
    .post(`${organizationOf(project)}/members/${user.id}/password_reset`)
    .set(headers)
  expect(reset.status).toBe(201)
})

it.each(['VIEWER', 'MEMBER', 'ADMIN'] as const)('are shown to no %s', async role => {
  const other = await createUser(server, { [project.organizationId]: role })
  const as = (await signIn(server, other.email)).headers
  expect((await eventsOf(user.id, as)).status).toBe(403)
})
