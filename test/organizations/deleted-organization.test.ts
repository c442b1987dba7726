import type { Role } from '../../src/access/role.ts'
import {
  startNode,
  startServer,
  type TestPass,
  type TestProject,
  type TestServer,
} from '../support/server.ts'
import { createUser, PASSWORD, signIn, type TestUser } from '../support/sign-in.ts'

let server: TestServer
let first: TestProject
let project: TestProject
let pass: TestPass
let token: string
let users: Record<Role, TestUser>
let sessions: Record<Role, Headers>
let organization: string
beforeAll(async () => {
  server = await startServer({ env: { RETENTION_DAYS: '7' } })
  first = await server.createProject('First')
})
afterAll(() => server.close())

type Headers = Record<string, string>
const ROLES = ['VIEWER', 'MEMBER', 'ADMIN', 'OWNER'] as const
const attributes = (values: object) => ({ data: { attributes: values } })
const read = (path: string, as: Headers, query: object = {}) => server.http.get(path).set(as).query(query)
const RECORD = [
  'audit_events',
  'activity/logs',
  'activity/export',
  'activity/metrics',
  'activity/passes',
] as const

async function signInAll() {
  const signedIn = await Promise.all(
    ROLES.map(async role => [role, await signIn(server, users[role].email)] as const),
  )
  const [viewer, member, admin, owner] = signedIn.map(([, { headers }]) => headers)
  sessions = { VIEWER: viewer ?? {}, MEMBER: member ?? {}, ADMIN: admin ?? {}, OWNER: owner ?? {} }
}

/** An organization with a member of each role and two projects, a pass of which has fetched a token. */
beforeEach(async () => {
  server.clock.advance({ minutes: 1 })
  project = await server.createProject('Harbour')
  organization = `/v1/api/organizations/${project.organizationId}`
  const made = await Promise.all(ROLES.map(role => createUser(server, { [project.organizationId]: role })))
  const [viewer, member, admin, owner] = made
  if (!viewer || !member || !admin || !owner) throw new Error('unreachable')
  users = { VIEWER: viewer, MEMBER: member, ADMIN: admin, OWNER: owner }
  await signInAll()
  pass = await server.createPass(project, {
    title: 'Crane',
    scopes: ['passes:read', 'read'],
    permissions: [],
  })
  token = await server.fetchToken(pass.credentials)
})

const remove = (as = sessions.OWNER, path = organization) => server.http.delete(path).set(as)

describe('an organization that its owner deletes', () => {
  it('has its passes, keys and tokens dead at once, on every node', async () => {
    const node = await startNode(server)
    const second = await server.http
      .post(`${organization}/projects`)
      .set(sessions.ADMIN)
      .send(attributes({ name: 'Second' }))
    const keys = `${organization}/projects/${second.body.data.id}/api_keys`
    const { secretKey } = (await server.http.post(keys).set(sessions.ADMIN).send({})).body.meta
    const ofAll = await server.http
      .post(`${organization}/api_keys`)
      .set(sessions.ADMIN)
      .send(attributes({ role: 'ADMIN' }))
    const shown = [token, project.apiKey, secretKey, ofAll.body.meta.secretKey]
    for (const credential of shown) {
      const answer = await node.http.get(`/v1/api/organizations`).set('Authorization', `Bearer ${credential}`)
      expect(answer.status).toBe(200)
    }
    expect((await remove()).status).toBe(204)
    for (const { http } of [server, node])
      for (const credential of shown) {
        const answer = await http.get(`/v1/api/organizations`).set('Authorization', `Bearer ${credential}`)
        expect(answer.status).toBe(401)
      }
    await expect(node.fetchToken(pass.credentials)).rejects.toThrow('401')
    await node.close()
  })

  it('is there for none of its members, nor are its invitations and memberships', async () => {
    const guest = await createUser(server)
    const invited = await server.http
      .post(`${organization}/invitations`)
      .set(sessions.OWNER)
      .send(attributes({ email: guest.email, role: 'VIEWER' }))
    expect((await remove()).status).toBe(204)
    for (const path of ['', '/members', '/invitations', `/projects/${project.projectId}`])
      expect((await read(organization + path, sessions.OWNER)).status).toBe(404)
    expect((await remove()).status).toBe(404)
    const { body } = await read('/v1/api/organizations', sessions.OWNER)
    expect(body.data).toEqual([])
    const me = (await read('/v1/api/me', sessions.ADMIN)).body.data.attributes
    expect(me).toMatchObject({
      organizations: [],
      deletedOrganizations: [{ id: project.organizationId, name: 'Harbour organization', role: 'ADMIN' }],
    })
    const { secret } = invited.body.meta.invitation
    const accepted = await server.http
      .post('/v1/api/invitations/accept')
      .send(attributes({ secret, password: PASSWORD }))
    expect(accepted.status).toBe(404)
  })

  it('leaves what was done in it to who was in it, as what they were', async () => {
    expect((await remove()).status).toBe(204)
    const deletedAt = server.clock.date().toISOString()
    const { body: listed } = await read('/v1/api/organizations', sessions.VIEWER, { deleted: true })
    expect(listed.data).toMatchObject([
      { id: project.organizationId, attributes: { name: 'Harbour organization', deletedAt } },
    ])
    for (const role of ROLES) {
      const as = sessions[role]
      const projects = await read(`${organization}/projects`, as, { deleted: true })
      expect(projects.body.data).toMatchObject([
        { id: project.projectId, attributes: { name: 'Harbour', deletedAt } },
      ])
      expect((await read(`${organization}/projects`, as)).body.data).toEqual([])
      for (const what of RECORD) expect((await read(`${project.path}/${what}`, as)).status).toBe(200)
      const query = { agent_user_id: pass.credentials.agentUserId }
      const logs = await read('/v1/api/oauth/agent/activity/logs', as, query)
      expect(logs.body.logs).toMatchObject([{ activity_type: 'token_generation' }])
      const trail = await read(`${organization}/audit_events`, as)
      expect([role, trail.status]).toEqual([role, ['ADMIN', 'OWNER'].includes(role) ? 200 : 403])
    }
    const { body } = await read(`${organization}/audit_events`, sessions.ADMIN)
    const actions = body.data.map((event: { attributes: { action: string } }) => event.attributes.action)
    expect(actions.slice(0, 2).toSorted()).toEqual(['organization.delete', 'project.delete'])
  })

  it('leaves nothing of it to anybody else, nor anything to do', async () => {
    const left = await createUser(server, { [project.organizationId]: 'ADMIN' })
    const asLeft = (await signIn(server, left.email)).headers
    await server.http.delete(`${organization}/members/me`).set(asLeft)
    const stranger = await createUser(server, { [first.organizationId]: 'OWNER' })
    const asStranger = (await signIn(server, stranger.email)).headers
    expect((await remove()).status).toBe(204)
    for (const as of [asLeft, asStranger]) {
      for (const path of [`${organization}/audit_events`, `${organization}/projects?deleted=true`])
        expect((await read(path, as)).status).toBe(404)
      for (const what of RECORD) expect((await read(`${project.path}/${what}`, as)).status).toBe(404)
      const query = { agent_user_id: pass.credentials.agentUserId }
      expect((await read('/v1/api/oauth/agent/activity/logs', as, query)).status).toBe(404)
      expect((await read('/v1/api/organizations?deleted=true', as)).body.data).toEqual([])
    }
    const create = server.http.post(`${organization}/projects`).set(sessions.OWNER)
    expect((await create.send(attributes({ name: 'Late' }))).status).toBe(404)
    const beside = { ...asStranger, 'Api-Key': first.apiKey }
    expect((await read(`${organization}/audit_events`, beside)).status).toBe(404)
    const own = { ...sessions.OWNER, 'Api-Key': first.apiKey }
    expect((await read(`${organization}/audit_events`, own)).status).toBe(401)
  })

  it('is forgotten, with who was in it, when the last of its audit trail is', async () => {
    expect((await remove()).status).toBe(204)
    server.clock.advance({ days: 364 })
    await server.deps.retention.run()
    await signInAll()
    expect((await read(`${organization}/audit_events`, sessions.OWNER)).status).toBe(200)
    server.clock.advance({ days: 2 })
    await server.deps.retention.run()
    await signInAll()
    expect((await read(`${organization}/audit_events`, sessions.OWNER)).status).toBe(404)
    for (const [table, column] of [
      ['organization_tombstones', 'id'],
      ['former_members', 'organization_id'],
    ] as const) {
      const statement = `select 1 from ${table} where ${column} = $1`
      expect(await server.deps.database.query(statement, [project.organizationId])).toEqual([])
    }
  })

  it('lets its only owner delete their account, whom nobody could follow', async () => {
    const account = server.http.delete('/v1/api/me').set(sessions.OWNER)
    expect((await account.send(attributes({ password: PASSWORD }))).status).toBe(409)
    expect((await remove()).status).toBe(204)
    const again = server.http.delete('/v1/api/me').set(sessions.OWNER)
    expect((await again.send(attributes({ password: PASSWORD }))).status).toBe(204)
  })

  it('opens its record to no owner by a new password of who reads it', async () => {
    const other = await server.createProject()
    const owner = await createUser(server, { [other.organizationId]: 'OWNER' })
    const as = (await signIn(server, owner.email)).headers
    await server.deps.database.query(
      `insert into members (id, organization_id, user_id, role, created_at, updated_at)
       values (gen_random_uuid(), $1, $2, 'VIEWER', now(), now())`,
      [other.organizationId, users.ADMIN.id],
    )
    expect((await remove()).status).toBe(204)
    const path = `/v1/api/organizations/${other.organizationId}/members/${users.ADMIN.id}`
    expect((await server.http.post(`${path}/password_reset`).set(as)).status).toBe(403)
  })
})

it.each(['VIEWER', 'MEMBER', 'ADMIN'] as const)('an organization is not deleted by a %s', async role => {
  const { status, body } = await remove(sessions[role])
  expect([status, body.code]).toEqual([403, 'forbidden'])
  expect((await read(organization, sessions.OWNER)).status).toBe(200)
})

it('the first organization stays, whose owners own the server', async () => {
  const owner = await createUser(server, { [first.organizationId]: 'OWNER' })
  const as = (await signIn(server, owner.email)).headers
  const { status, body } = await remove(as, `/v1/api/organizations/${first.organizationId}`)
  expect([status, body.code]).toEqual([409, 'instance_organization'])
  expect((await read(first.path, as)).status).toBe(200)
})

it('what is made in an organization at the moment that it is deleted is made or answers 404', async () => {
  const other = await createUser(server, { [project.organizationId]: 'OWNER' })
  const as = (await signIn(server, other.email)).headers
  const named = attributes({ name: 'Late' })
  const late = [
    ...Array.from({ length: 3 }, () => server.http.post(`${organization}/projects`).set(as).send(named)),
    remove(),
    ...Array.from({ length: 3 }, () =>
      server.http
        .post(`${organization}/invitations`)
        .set(as)
        .send(attributes({ email: `${crypto.randomUUID()}@example.test`, role: 'VIEWER' })),
    ),
    server.http.put(organization).set(as).send(named),
    server.http
      .put(`${organization}/members/${users.VIEWER.id}`)
      .set(as)
      .send(attributes({ role: 'ADMIN' })),
    server.http
      .post(`${project.path}/sentinel_passes`)
      .set('Api-Key', project.apiKey)
      .send({ sentinelPass: { title: 'Late agent' } }),
  ]
  // 401 and 503: who acts has ended, or was given way to, as with a project.
  const statuses = (await Promise.all(late)).map(({ status }) => status)
  for (const status of statuses) expect([200, 201, 204, 401, 404, 503]).toContain(status)
  // The deletion gives way as well, and is sent again then.
  if (!statuses.includes(204)) expect((await remove()).status).toBe(204)
  expect((await read(organization, as)).status).toBe(404)
})
