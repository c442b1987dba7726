import type { Role } from '../../src/access/role.ts'
import { callRoute, RULE_NAMES, servedRoutes, targetOf } from '../support/routes.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, signIn } from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const COLUMNS = ['VIEWER', 'MEMBER', 'ADMIN', 'OWNER'] as const satisfies readonly Role[]

/** What a member is answered in their own organization, in the order of COLUMNS. Kept by hand. */
const EXPECTED: Readonly<Record<string, readonly number[]>> = {
  'organizations.list': [200, 200, 200, 200],
  // Nor are they owners of the instance, who alone make organizations unless it is set otherwise.
  'organizations.create': [403, 403, 403, 403],
  'organizations.read': [200, 200, 200, 200],
  'organizations.update': [403, 403, 403, 200],
  'organizations.delete': [403, 403, 403, 204],
  'organizations.audit_events': [403, 403, 200, 200],
  'organizations.export_audit_events': [403, 403, 200, 200],
  // None of these organizations is the operator's: to their owners there are no keys.
  'signing_keys.list': [403, 403, 403, 404],
  'signing_keys.rotate': [403, 403, 403, 404],
  'signing_keys.pull': [403, 403, 403, 404],
  'projects.list': [200, 200, 200, 200],
  'projects.create': [403, 403, 201, 201],
  'projects.read': [200, 200, 200, 200],
  'projects.update': [403, 403, 200, 200],
  'projects.delete': [403, 403, 204, 204],
  'members.list': [200, 200, 200, 200],
  'members.create': [403, 403, 403, 201],
  'members.update': [403, 403, 403, 200],
  'members.delete': [403, 403, 403, 204],
  'members.leave': [204, 204, 204, 204],
  'members.account_events': [403, 403, 403, 200],
  'members.reset_password': [403, 403, 403, 201],
  'invitations.list': [403, 403, 403, 200],
  'invitations.create': [403, 403, 403, 201],
  'invitations.delete': [403, 403, 403, 204],
  'passes.create': [403, 201, 201, 201],
  'passes.list': [200, 200, 200, 200],
  'passes.read': [200, 200, 200, 200],
  'passes.update': [403, 200, 200, 200],
  'passes.rotate': [403, 403, 200, 200],
  'passes.revoke': [403, 403, 200, 200],
  'passes.activate': [403, 403, 200, 200],
  'passes.delete': [403, 403, 204, 204],
  'pass_options.read': [200, 200, 200, 200],
  'pass_options.of_project': [200, 200, 200, 200],
  'pass_secrets.list': [200, 200, 200, 200],
  'pass_secrets.delete': [403, 403, 404, 404],
  'pass_tokens.list': [200, 200, 200, 200],
  // The id that the walk makes up is no token's; who may end one has been decided by then.
  'pass_tokens.delete': [403, 403, 404, 404],
  'api_keys.create': [403, 403, 201, 201],
  'api_keys.list': [403, 403, 200, 200],
  'api_keys.delete': [403, 403, 204, 204],
  'api_keys.read': [403, 403, 200, 200],
  'api_keys.update': [403, 403, 200, 200],
  'organization_api_keys.create': [403, 403, 201, 201],
  'organization_api_keys.list': [403, 403, 200, 200],
  'organization_api_keys.read': [403, 403, 200, 200],
  'organization_api_keys.update': [403, 403, 200, 200],
  'organization_api_keys.delete': [403, 403, 204, 204],
  'resource_servers.create': [403, 403, 201, 201],
  'resource_servers.list': [200, 200, 200, 200],
  'resource_servers.read': [200, 200, 200, 200],
  'resource_servers.update': [403, 403, 200, 200],
  'resource_servers.delete': [403, 403, 204, 204],
  'resource_servers.verify': [403, 403, 200, 200],
  'audit_events.list': [200, 200, 200, 200],
  'audit_events.export': [200, 200, 200, 200],
  'activity.logs': [200, 200, 200, 200],
  'activity.export': [200, 200, 200, 200],
  'activity.metrics': [200, 200, 200, 200],
  'project_activity.logs': [200, 200, 200, 200],
  'project_activity.export': [200, 200, 200, 200],
  'project_activity.metrics': [200, 200, 200, 200],
  'project_activity.passes': [200, 200, 200, 200],
  'addresses.release': [403, 403, 403, 403],
  'me.account_events': [200, 200, 200, 200],
  'me.invitations': [200, 200, 200, 200],
  'me.accept_invitation': [200, 200, 200, 200],
  'me.decline_invitation': [204, 204, 204, 204],
  'me.read': [200, 200, 200, 200],
  // Without a body: what a role decides has been decided by then.
  'me.update': [400, 400, 400, 400],
  'me.delete': [400, 400, 400, 400],
  'me.change_password': [400, 400, 400, 400],
  'me.sign_out_everywhere': [204, 204, 204, 204],
  'me.sessions': [200, 200, 200, 200],
  'me.end_session': [404, 404, 404, 404],
  'me.enrol_totp': [400, 400, 400, 400],
  'me.confirm_totp': [400, 400, 400, 400],
  'me.remove_totp': [400, 400, 400, 400],
}

const address = (project: TestProject) => ({ orgId: project.organizationId, projectId: project.projectId })

it('has an expectation for every route of the table, and for no other', () => {
  expect(Object.keys(EXPECTED).toSorted()).toEqual(RULE_NAMES.toSorted())
})

describe.each(COLUMNS.map((role, column) => ({ role, column })))('$role', ({ role, column }) => {
  it('is let in where the table lets it in, and nowhere else', async () => {
    await server.createProject('First')
    server.clock.advance({ seconds: 1 })
    const project = await server.createProject()
    const agent = await server.createPass(project, { scopes: [], permissions: [] })
    const [deleted, left] = [await server.createProject(), await server.createProject()]
    await createUser(server, { [left.organizationId]: 'OWNER' })
    const roles = [project, deleted, left].map(({ organizationId }) => [organizationId, role])
    const user = await createUser(server, Object.fromEntries(roles))
    let { headers } = await signIn(server, user.email)
    const answered: Record<string, number> = {}
    // What a route removes must not be missing for the next.
    const placeFor = async (rule: string) => {
      if (rule === 'projects.delete') return anotherProject(project)
      if (rule === 'organizations.delete') return address(deleted)
      return address(rule === 'members.leave' ? left : project)
    }
    for (const route of servedRoutes(server.deps).guarded) {
      const { agentUserId } = agent.credentials
      const id = await targetOf(server, route, project, user.email)
      const place = await placeFor(route.rule)
      const answer = await callRoute(server, route, { headers, ...place, id, agentUserId })
      answered[route.rule] = answer.status
      if (answer.status === 403) expect(answer.body.code).toBe('forbidden')
      if (route.rule === 'me.sign_out_everywhere') headers = (await signIn(server, user.email)).headers
    }
    const expected = Object.entries(EXPECTED).map(([rule, statuses]) => [rule, statuses[column]])
    expect(answered).toEqual(Object.fromEntries(expected))
  })
})

async function anotherProject(project: TestProject) {
  const owner = await createUser(server, { [project.organizationId]: 'OWNER' })
  const { headers } = await signIn(server, owner.email)
  const made = await server.http
    .post(`/v1/api/organizations/${project.organizationId}/projects`)
    .set(headers)
    .send({ data: { attributes: { name: 'Another' } } })
  return { orgId: project.organizationId, projectId: made.body.data.id }
}

describe('what is of an organization that a user is not in', () => {
  it('answers an owner of another as what does not exist', async () => {
    const [own, foreign] = [await server.createProject(), await server.createProject()]
    const user = await createUser(server, { [own.organizationId]: 'OWNER' })
    const { headers } = await signIn(server, user.email)
    const pass = await server.createPass(foreign)
    const { agentUserId } = pass.credentials
    const paths = [
      address(foreign),
      { ...address(own), projectId: foreign.projectId },
      { ...address(foreign), projectId: own.projectId },
    ]
    for (const route of servedRoutes(server.deps).guarded) {
      const inPath = route.pattern.includes(':orgId')
      if (!inPath && !route.rule.startsWith('activity.')) continue
      for (const place of route.pattern.includes(':projectId') ? paths : paths.slice(0, 1)) {
        const real = await callRoute(server, route, { headers, ...place, id: pass.id, agentUserId })
        const unreal = await callRoute(server, route, {
          headers,
          orgId: crypto.randomUUID(),
          projectId: 'nonsense',
          id: pass.id,
          agentUserId: crypto.randomUUID(),
        })
        expect([route.rule, real.status]).toEqual([route.rule, 404])
        const { instance: _real, ...body } = real.body
        const { instance: _unreal, ...unrealBody } = unreal.body
        expect(body).toEqual(unrealBody)
      }
    }
  })

  it('is told of in no list', async () => {
    const [own, foreign] = [await server.createProject(), await server.createProject()]
    const user = await createUser(server, { [own.organizationId]: 'OWNER' })
    const { headers } = await signIn(server, user.email)
    const organizations = await server.http.get('/v1/api/organizations').set(headers)
    expect(organizations.body.data.map((one: { id: string }) => one.id)).toEqual([own.organizationId])
    const projects = await server.http
      .get(`/v1/api/organizations/${own.organizationId}/projects`)
      .set(headers)
    expect(projects.body.data.map((one: { id: string }) => one.id)).toEqual([own.projectId])
    expect(projects.text).not.toContain(foreign.projectId)
  })
})

describe('granting this server’s own scopes', () => {
  it('takes an ADMIN, and so does changing a pass that has them', async () => {
    const project = await server.createProject()
    const passes = `${project.path}/sentinel_passes`
    const powerful = await server.createPass(project, { scopes: ['passes:read'], permissions: [] })
    const plain = await server.createPass(project, { scopes: ['read'], permissions: [] })
    const attempts = async (role: Role) => {
      const { email } = await createUser(server, { [project.organizationId]: role })
      const { headers } = await signIn(server, email)
      const scopes = { sentinelPass: { scopes: ['passes:write'] } }
      return [
        await server.http
          .post(passes)
          .set(headers)
          .send({ sentinelPass: { title: 'Own', scopes: ['passes:read'] } }),
        await server.http.put(`${passes}/${plain.id}`).set(headers).send(scopes),
        await server.http
          .put(`${passes}/${powerful.id}`)
          .set(headers)
          .send({ sentinelPass: { tags: ['x'] } }),
      ]
    }
    for (const { status, body } of await attempts('MEMBER'))
      expect([status, body.code]).toEqual([403, 'scope_not_grantable'])
    expect((await attempts('ADMIN')).map(answer => answer.status)).toEqual([201, 200, 200])
  })
})

describe('an API key beside a user’s token', () => {
  it('leaves it to the role of the user what may be done, and the audit trail names the user', async () => {
    const project = await server.createProject()
    const both = async (role: Role) => {
      const user = await createUser(server, { [project.organizationId]: role })
      const { headers } = await signIn(server, user.email)
      return { user, headers: { ...headers, 'Api-Key': project.apiKey } }
    }
    const [viewer, admin] = [await both('VIEWER'), await both('ADMIN')]
    const keys = `${project.path}/api_keys`
    expect((await server.http.get(keys).set(viewer.headers)).status).toBe(403)
    expect((await server.http.get(keys).set(admin.headers)).status).toBe(200)
    const { id } = await server.createPass(project)
    const passes = `${project.path}/sentinel_passes`
    expect((await server.http.delete(`${passes}/${id}`).set(viewer.headers)).status).toBe(403)
    expect((await server.http.delete(`${passes}/${id}`).set(admin.headers)).status).toBe(204)
    const { body } = await server.http.get(`${project.path}/audit_events`).set(admin.headers)
    expect(body.data[0].attributes).toMatchObject({ actor: { type: 'user', id: admin.user.id } })
  })

  it('keeps the user to its project, also where the agent is named', async () => {
    const [own, foreign] = [await server.createProject(), await server.createProject()]
    const user = await createUser(server, { [own.organizationId]: 'ADMIN' })
    const { headers } = await signIn(server, user.email)
    const { orgId, projectId } = await anotherProject(own)
    const other = { ...own, path: `/v1/api/organizations/${orgId}/projects/${projectId}` }
    const made = await server.http
      .post(`${other.path}/sentinel_passes`)
      .set(headers)
      .send({ sentinelPass: { title: 'Elsewhere' } })
    const agents = [(await server.createPass(own)).credentials, made.body.meta.credentials]
    const statuses = async (sent: Record<string, string>) => {
      const paths = [own, other].map(({ path }) => `${path}/sentinel_passes`)
      const logs = agents.map(agent => `/v1/api/oauth/agent/activity/logs?agent_user_id=${agent.agentUserId}`)
      const answers = []
      for (const path of [...paths, ...logs]) answers.push((await server.http.get(path).set(sent)).status)
      return answers
    }
    expect(await statuses(headers)).toEqual([200, 200, 200, 200])
    expect(await statuses({ ...headers, 'Api-Key': own.apiKey })).toEqual([200, 404, 200, 404])
    const { status, body } = await server.http
      .get(`${foreign.path}/sentinel_passes`)
      .set({ ...headers, 'Api-Key': foreign.apiKey })
    expect([status, body.code]).toEqual([401, 'credentials_disagree'])
  })
})
