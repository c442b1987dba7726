import { startServer, type TestServer } from '../support/server.ts'
import { Browser, beginSignIn, createUser, PASSWORD, signIn } from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

type Headers = Record<string, string>
const remove = (headers: Headers, password = PASSWORD) =>
  server.http
    .delete('/v1/api/me')
    .set(headers)
    .send({ data: { attributes: { password } } })
const me = (headers: Headers) => server.http.get('/v1/api/me').set(headers)

it('takes the password, and changes nothing for a wrong one', async () => {
  const user = await createUser(server)
  const { headers } = await signIn(server, user.email)
  const refused = await remove(headers, 'wrong password')
  expect([refused.status, refused.body.code]).toEqual([403, 'password_refused'])
  expect((await server.http.delete('/v1/api/me').set(headers)).status).toBe(400)
  expect((await me(headers)).status).toBe(200)
})

it('ends every token and session at once, and lets nobody in after it', async () => {
  const user = await createUser(server)
  const session = await signIn(server, user.email)
  const { headers: elsewhere } = await signIn(server, user.email)
  expect((await remove(session.headers)).status).toBe(204)
  for (const headers of [session.headers, elsewhere]) expect((await me(headers)).status).toBe(401)
  const again = await session.browser.follow((await beginSignIn(server, session.client)).url)
  expect(again.url.pathname).toContain('/sign-in/')
  const page = await new Browser().follow((await beginSignIn(server, session.client)).url)
  expect(page.url.pathname).toContain('/sign-in/')
  await expect(signIn(server, user.email)).rejects.toThrow('sign-in answered 401')
})

it('is refused to the only owner of an organization, and names each such one', async () => {
  const [alone, shared, visited] = [
    await server.createProject('Alone'),
    await server.createProject('Shared'),
    await server.createProject('Visited'),
  ]
  const user = await createUser(server, {
    [alone.organizationId]: 'OWNER',
    [shared.organizationId]: 'OWNER',
    [visited.organizationId]: 'VIEWER',
  })
  await createUser(server, { [shared.organizationId]: 'OWNER', [alone.organizationId]: 'ADMIN' })
  const { headers } = await signIn(server, user.email)
  const { status, body } = await remove(headers)
  expect([status, body.code]).toEqual([409, 'last_owner'])
  expect(body.organizations).toEqual([{ id: alone.organizationId, name: 'Alone organization' }])
  expect((await me(headers)).body.data.attributes.organizations).toHaveLength(3)
})

it('leaves an owner when both of two delete their accounts at the same moment', async () => {
  const { organizationId } = await server.createProject()
  const both = [
    await createUser(server, { [organizationId]: 'OWNER' }),
    await createUser(server, { [organizationId]: 'OWNER' }),
  ]
  const sessions = await Promise.all(both.map(({ email }) => signIn(server, email)))
  const answers = await Promise.all(sessions.map(({ headers }) => remove(headers)))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 409])
})

it('leaves what they did on record with their name, and the invitations that they made good', async () => {
  const { organizationId } = await server.createProject()
  const organization = `/v1/api/organizations/${organizationId}`
  const user = await createUser(server, { [organizationId]: 'OWNER' })
  const other = await createUser(server, { [organizationId]: 'OWNER' })
  const { headers } = await signIn(server, user.email)
  const guest = `${crypto.randomUUID()}@example.test`
  const invited = await server.http
    .post(`${organization}/invitations`)
    .set(headers)
    .send({ data: { attributes: { email: guest, role: 'VIEWER' } } })
  expect((await remove(headers)).status).toBe(204)

  const { headers: remaining } = await signIn(server, other.email)
  const read = await server.http.get(`${organization}/audit_events?per_page=100`).set(remaining)
  const events: { attributes: { action: string; actor: object } }[] = read.body.data
  const theirs = events.filter(({ attributes }) =>
    ['invitation.create', 'user.delete'].includes(attributes.action),
  )
  expect(theirs.map(({ attributes }) => attributes)).toMatchObject([
    { action: 'user.delete', target: { type: 'user', id: user.id, name: user.email } },
    { action: 'invitation.create' },
  ])
  // Where they did it from is nobody's business there.
  expect(theirs[0]?.attributes).toMatchObject({ clientIp: null })
  for (const { attributes } of theirs)
    expect(attributes.actor).toEqual({ type: 'user', id: user.id, name: user.email })

  const accepted = await server.http.post('/v1/api/invitations/accept').send({
    data: {
      attributes: { secret: invited.body.meta.invitation.secret, name: 'Guest', password: PASSWORD },
    },
  })
  expect(accepted.status).toBe(200)
  const members = await server.http.get(`${organization}/members`).set(remaining)
  const emails: string[] = members.body.data.map(
    (one: { attributes: { email: string } }) => one.attributes.email,
  )
  expect(emails.toSorted()).toEqual([guest, other.email].toSorted())
})
