import type { Role } from '../../src/access/role.ts'
import { UserEntity } from '../../src/accounts/user.entity.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createUser, enrolTotp, signIn } from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const attributes = (values: object) => ({ data: { attributes: values } })

async function people() {
  const project = await server.createProject()
  const signedIn = async (role: Role) => {
    const user = await createUser(server, { [project.organizationId]: role })
    return { user, ...(await signIn(server, user.email)) }
  }
  const [owner, member] = [await signedIn('OWNER'), await signedIn('ADMIN')]
  const path = `/v1/api/organizations/${project.organizationId}`
  const require = (requiresTotp: boolean) =>
    server.http.put(path).set(owner.headers).send(attributes({ requiresTotp }))
  return { project, path, owner, member, require }
}

it('are required by an owner who has them, and by nobody else', async () => {
  const { path, owner, member, require } = await people()
  expect(
    (
      await server.http
        .put(path)
        .set(member.headers)
        .send(attributes({ requiresTotp: true }))
    ).status,
  ).toBe(403)
  const refused = await require(true)
  expect([refused.status, refused.body.code]).toEqual([403, 'totp_required'])
  expect(refused.body.detail).toMatch(/Set up one-time codes/)
  await enrolTotp(server, owner.headers)
  const done = await require(true)
  expect([done.status, done.body.data.attributes.requiresTotp]).toEqual([200, true])
  const events = await server.http.get(`${path}/audit_events`).set(owner.headers)
  expect(
    events.body.data.map(({ attributes: { action, before, after } }: never) => ({ action, before, after })),
  ).toContainEqual(
    expect.objectContaining({
      action: 'organization.update',
      before: expect.objectContaining({ requiresTotp: false }),
      after: expect.objectContaining({ requiresTotp: true }),
    }),
  )
})

it('leave a member without them nothing in it from the answer on, until they have set them up', async () => {
  const { project, path, owner, member, require } = await people()
  await enrolTotp(server, owner.headers)
  expect((await server.http.get(path).set(member.headers)).status).toBe(200)
  expect((await require(true)).status).toBe(200)
  for (const address of [
    path,
    `${path}/members`,
    `${project.path}/sentinel_passes`,
    `${project.path}/api_keys`,
  ]) {
    const { status, body } = await server.http.get(address).set(member.headers)
    expect([address, status, body.code]).toEqual([address, 403, 'totp_required'])
  }
  const listed = await server.http.get('/v1/api/organizations').set(member.headers)
  expect(listed.body.data).toEqual([])
  // Of themselves they see all that they need to set them up.
  const me = await server.http.get('/v1/api/me').set(member.headers)
  expect(me.body.data.attributes.organizations).toMatchObject([
    { id: project.organizationId, requiresTotp: true },
  ])
  await enrolTotp(server, member.headers)
  expect((await server.http.get(path).set(member.headers)).status).toBe(200)
  expect((await server.http.get(path).set(owner.headers)).status).toBe(200)
})

it('keep nobody out of other organizations, and passes and keys go on', async () => {
  const { project, owner, member, require } = await people()
  const other = await server.createProject()
  await server.deps.database.em().transactional(async em => {
    const user = await em.findOneOrFail(UserEntity, { id: member.user.id })
    server.deps.organizations.members.insert(
      em,
      other.organizationId,
      { type: 'system', id: null, name: 'test', clientIp: null },
      user,
      'VIEWER',
    )
  })
  await enrolTotp(server, owner.headers)
  const { credentials } = await server.createPass(project)
  await require(true)
  const path = `/v1/api/organizations/${other.organizationId}`
  expect((await server.http.get(path).set(member.headers)).status).toBe(200)
  await server.fetchToken(credentials)
  const passes = await server.http.get(`${project.path}/sentinel_passes`).set('Api-Key', project.apiKey)
  expect(passes.status).toBe(200)
})

it('that are removed take their owner out as well, and an owner can require them no more', async () => {
  const { path, owner, require } = await people()
  await enrolTotp(server, owner.headers)
  await require(true)
  expect((await require(false)).status).toBe(200)
  await require(true)
  await server.http
    .post('/v1/api/me/totp/disable')
    .set(owner.headers)
    .send(attributes({ password: 'correct horse battery staple' }))
    .expect(204)
  const kept = await server.http.get(path).set(owner.headers)
  expect([kept.status, kept.body.code]).toEqual([403, 'totp_required'])
})

it('are noted where they are changed, and not where nothing is', async () => {
  const { path, owner, require } = await people()
  await enrolTotp(server, owner.headers)
  await require(true)
  await require(true)
  expect((await server.http.put(path).set(owner.headers).send(attributes({}))).status).toBe(400)
  const events = await server.http.get(`${path}/audit_events`).set(owner.headers)
  const updates = events.body.data.filter(
    ({ attributes: { action } }: { attributes: { action: string } }) => action === 'organization.update',
  )
  expect(updates).toHaveLength(1)
})
