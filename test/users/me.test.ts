import { startServer, type TestServer } from '../support/server.ts'
import { createUser, signIn } from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const me = async (email: string) => {
  const { headers } = await signIn(server, email)
  return (await server.http.get('/v1/api/me').set(headers)).body.data.attributes
}

it('who owns the first organization owns the instance, and nobody else', async () => {
  const first = await server.createProject('First')
  server.clock.advance({ seconds: 1 })
  const second = await server.createProject('Second')
  const [owner, admin] = [
    await createUser(server, { [first.organizationId]: 'OWNER', [second.organizationId]: 'VIEWER' }),
    await createUser(server, { [first.organizationId]: 'ADMIN', [second.organizationId]: 'OWNER' }),
  ]
  expect(await me(owner.email)).toMatchObject({
    instanceOwner: true,
    organizations: [
      { id: first.organizationId, name: 'First organization', role: 'OWNER' },
      { id: second.organizationId, name: 'Second organization', role: 'VIEWER' },
    ],
  })
  expect((await me(admin.email)).instanceOwner).toBe(false)
})

it('a person changes their name, which is on record, and stays signed in', async () => {
  const { organizationId } = await server.createProject()
  const user = await createUser(server, { [organizationId]: 'OWNER' })
  const { headers } = await signIn(server, user.email)
  const renamed = await server.http
    .put('/v1/api/me')
    .set(headers)
    .send({ data: { attributes: { name: '  Ada Lovelace ' } } })
  expect([renamed.status, renamed.body.data.attributes.name]).toEqual([200, 'Ada Lovelace'])
  const events = await server.http.get('/v1/api/me/account_events').set(headers)
  expect(events.body.data[0].attributes).toMatchObject({
    action: 'user.update',
    before: { name: 'Test Person' },
    after: { name: 'Ada Lovelace' },
  })
  const faulty = await server.http
    .put('/v1/api/me')
    .set(headers)
    .send({ data: { attributes: { name: ' ', email: 'x@example.test' } } })
  expect([faulty.status, faulty.body.errors.length]).toEqual([400, 2])
})
