import { KEY_ROLES, type KeyRole } from '../../src/access/role.ts'
import { introspect, managementOf, pointersOf } from '../support/management.ts'
import { callRoute, createOrganizationKey, servedRoutes, targetOf } from '../support/routes.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, signIn } from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const pathOf = ({ organizationId }: TestProject) => `/v1/api/organizations/${organizationId}`
const attributes = (fields: object) => ({ data: { attributes: fields } })

/** A project, and the headers of a person with a role in its organization. */
async function projectWith(role: 'ADMIN' | 'OWNER') {
  const project = await server.createProject()
  const user = await createUser(server, { [project.organizationId]: role })
  return { project, headers: (await signIn(server, user.email)).headers }
}

describe('an organization API key', () => {
  it('is made, read, changed and deleted by an admin, and shown once', async () => {
    const { project, headers } = await projectWith('ADMIN')
    const keys = `${pathOf(project)}/api_keys`
    const made = await server.http
      .post(keys)
      .set(headers)
      .send(attributes({ note: 'CI', role: 'MEMBER' }))
    expect(made.status).toBe(201)
    expect(made.body).toEqual({
      data: {
        id: expect.any(String),
        type: 'organization_api_key',
        attributes: {
          ...{ note: 'CI', role: 'MEMBER', createdAt: server.clock.date().toISOString() },
          ...{ lastUsedAt: null, expiresAt: null, key: made.body.meta.secretKey },
        },
      },
      meta: { secretKey: expect.stringMatching(/^spk_[0-9A-Za-z]{49}$/) },
    })
    const { key: _key, ...shown } = made.body.data.attributes
    const one = `${keys}/${made.body.data.id}`
    expect(made.get('Location')).toBe(one)
    const read = await server.http.get(one).set(headers)
    expect(read.body.data.attributes).toEqual(shown)
    expect((await server.http.get(keys).set(headers)).body.data).toEqual([read.body.data])
    const changed = await server.http
      .put(one)
      .set(headers)
      .send(attributes({ note: 'CI, the new one' }))
    expect(changed.body.data.attributes).toEqual({ ...shown, note: 'CI, the new one' })
    expect((await server.http.delete(one).set(headers)).status).toBe(204)
    expect((await server.http.get(one).set(headers)).status).toBe(404)
    expect((await server.http.get(pathOf(project)).set('Api-Key', made.body.meta.secretKey)).status).toBe(401)
  })

  it('is made once with an Idempotency-Key, however often it is asked for', async () => {
    const { project, headers } = await projectWith('ADMIN')
    const ask = () =>
      server.http
        .post(`${pathOf(project)}/api_keys`)
        .set({ ...headers, 'Idempotency-Key': 'once' })
        .send(attributes({ role: 'VIEWER' }))
    const [first, again] = [await ask(), await ask()]
    expect(first.status).toBe(201)
    expect(again.body).toEqual(first.body)
  })

  it.each([
    [{ role: 'OWNER' }, '/data/attributes/role'],
    [{ role: 'admin' }, '/data/attributes/role'],
    [{}, '/data/attributes/role'],
    [{ role: 'VIEWER', expiresAt: '2020-01-01' }, '/data/attributes/expiresAt'],
  ])('is never more than an ADMIN, and never dead from the start: %j', async (fields, pointer) => {
    const { project, headers } = await projectWith('OWNER')
    const { status, body } = await server.http
      .post(`${pathOf(project)}/api_keys`)
      .set(headers)
      .send(attributes(fields))
    expect({ status, places: pointersOf(body) }).toEqual({ status: 400, places: [pointer] })
  })

  it('keeps its role: a change of it is refused', async () => {
    const { project, headers } = await projectWith('OWNER')
    const { id } = await createOrganizationKey(server, project, { role: 'VIEWER' })
    const answer = await server.http
      .put(`${pathOf(project)}/api_keys/${id}`)
      .set(headers)
      .send(attributes({ role: 'ADMIN' }))
    expect({ status: answer.status, places: pointersOf(answer.body) }).toEqual({
      status: 400,
      places: ['/data/attributes/role'],
    })
  })

  it('does what a machine of an organization does: makes projects, works in them, reads the trail', async () => {
    const project = await server.createProject()
    const { headers, id } = await createOrganizationKey(server, project, { role: 'ADMIN', note: 'Platform' })
    const made = await server.http
      .post(`${pathOf(project)}/projects`)
      .set(headers)
      .send(attributes({ name: 'Made by a machine' }))
    expect(made.status).toBe(201)
    const path = `${pathOf(project)}/projects/${made.body.data.id}`
    const passes = managementOf(server, { ...project, path }, headers)
    expect((await passes.create({ title: 'Agent', scopes: ['passes:read', 'read'] })).status).toBe(201)
    const listed = await server.http.get(`${pathOf(project)}/projects`).set(headers)
    expect(listed.body.meta.total).toBe(2)
    const { body } = await server.http.get(`${pathOf(project)}/audit_events?actor=${id}`).set(headers)
    expect(body.data[0].attributes).toMatchObject({
      action: 'project.create',
      actor: { type: 'organization_key', id, name: 'Platform' },
    })
    const organizations = await server.http.get('/v1/api/organizations').set(headers)
    expect(organizations.body.data.map((one: { id: string }) => one.id)).toEqual([project.organizationId])
  })

  it('reads the activity of every agent of the organization, and of no other', async () => {
    const [project, foreign] = [await server.createProject(), await server.createProject()]
    const { headers } = await createOrganizationKey(server, project)
    const ask = async (of: TestProject) => {
      const { credentials } = await server.createPass(of)
      return server.http
        .get(`/v1/api/oauth/agent/activity/logs?agent_user_id=${credentials.agentUserId}`)
        .set(headers)
    }
    expect((await ask(project)).status).toBe(200)
    expect((await ask(foreign)).status).toBe(404)
  })

  it('grants this server’s own scopes as a person of its role does', async () => {
    const project = await server.createProject()
    for (const [role, status] of [
      ['MEMBER', 403],
      ['ADMIN', 201],
    ] as const) {
      const { headers } = await createOrganizationKey(server, project, { role })
      const made = await managementOf(server, project, headers).create({ scopes: ['passes:read'] })
      expect([role, made.status]).toEqual([role, status])
    }
  })

  it('makes none that outlives it, of its organization or of a project', async () => {
    const project = await server.createProject()
    const expiresAt = new Date(server.clock.now() + 86_400_000)
    const { headers, id } = await createOrganizationKey(server, project, { role: 'ADMIN', expiresAt })
    const later = new Date(expiresAt.getTime() + 1).toISOString()
    for (const [path, role] of [
      [`${pathOf(project)}/api_keys`, { role: 'ADMIN' }],
      [`${project.path}/api_keys`, {}],
    ] as const) {
      const make = (fields: object) =>
        server.http
          .post(path)
          .set(headers)
          .send(attributes({ ...role, ...fields }))
      expect((await make({})).body.data.attributes.expiresAt).toBe(expiresAt.toISOString())
      expect((await make({ expiresAt: later })).status).toBe(400)
      expect((await make({ expiresAt: null })).status).toBe(400)
    }
    const own = `${pathOf(project)}/api_keys/${id}`
    expect(
      (
        await server.http
          .put(own)
          .set(headers)
          .send(attributes({ expiresAt: null }))
      ).status,
    ).toBe(400)
  })

  it('is refused from its end on', async () => {
    const project = await server.createProject()
    const expiresAt = new Date(server.clock.now() + 60_000)
    const { headers } = await createOrganizationKey(server, project, { expiresAt })
    expect((await server.http.get(pathOf(project)).set(headers)).status).toBe(200)
    server.clock.advance({ minutes: 1 })
    expect((await server.http.get(pathOf(project)).set(headers)).status).toBe(401)
  })

  it('is not found, read or ended by a key of a project or from another organization', async () => {
    const [project, foreign] = [await server.createProject(), await server.createProject()]
    const { id } = await createOrganizationKey(server, project, { role: 'ADMIN' })
    const stranger = await createOrganizationKey(server, foreign, { role: 'ADMIN' })
    const one = `${pathOf(project)}/api_keys/${id}`
    for (const method of ['get', 'put', 'delete'] as const) {
      expect((await server.http[method](one).set('Api-Key', project.apiKey)).status).toBe(403)
      expect((await server.http[method](one).set(stranger.headers)).status).toBe(404)
      const moved = `${pathOf(foreign)}/api_keys/${id}`
      expect((await server.http[method](moved).set(stranger.headers).send(attributes({}))).status).toBe(404)
      const ofProject = `${project.path}/api_keys/${id}`
      const asProjects = await server.http[method](ofProject)
        .set('Api-Key', project.apiKey)
        .send(attributes({}))
      expect(asProjects.status).toBe(404)
    }
  })

  it('leaves the trail what it was, is and did', async () => {
    const { project, headers } = await projectWith('OWNER')
    const keys = `${pathOf(project)}/api_keys`
    const made = await server.http
      .post(keys)
      .set(headers)
      .send(attributes({ note: 'CI', role: 'ADMIN' }))
    const one = `${keys}/${made.body.data.id}`
    await server.http
      .put(one)
      .set(headers)
      .send(attributes({ note: 'CD' }))
    await server.http.delete(one).set(headers)
    const { body } = await server.http
      .get(`${pathOf(project)}/audit_events?action=organization_key.*`)
      .set(headers)
    const changes = body.data.map(
      ({ attributes: { action, before, after } }: { attributes: Record<string, unknown> }) => [
        action,
        before,
        after,
      ],
    )
    expect(changes).toEqual([
      ['organization_key.delete', { note: 'CD', role: 'ADMIN', expiresAt: null }, null],
      ['organization_key.update', { note: 'CI' }, { note: 'CD' }],
      ['organization_key.create', null, { note: 'CI', role: 'ADMIN', expiresAt: null }],
    ])
    expect(JSON.stringify(body)).not.toContain('spk_')
  })
})

describe('an organization API key beside another credential', () => {
  it('goes with what is of its organization, in that project alone, and with nothing else', async () => {
    const [project, foreign] = [await server.createProject(), await server.createProject()]
    const key = await createOrganizationKey(server, project, { role: 'ADMIN' })
    const other = await server.http
      .post(`${pathOf(project)}/projects`)
      .set(key.headers)
      .send(attributes({ name: 'Other' }))
    const elsewhere = `${pathOf(project)}/projects/${other.body.data.id}`
    const { credentials } = await server.createPass(project, { scopes: ['passes:read'] })
    const both = { ...key.headers, Authorization: `Bearer ${await server.fetchToken(credentials)}` }
    expect((await server.http.get(project.path).set(both)).status).toBe(200)
    expect((await server.http.get(elsewhere).set(both)).status).toBe(404)
    const stranger = { ...key.headers, Authorization: `Bearer ${foreign.apiKey}` }
    const { status, body } = await server.http.get(project.path).set(stranger)
    expect([status, body.code]).toEqual([401, 'credentials_disagree'])
  })

  it('does not let a person reach their other organizations', async () => {
    const [project, another] = [await server.createProject(), await server.createProject()]
    const user = await createUser(server, {
      [project.organizationId]: 'OWNER',
      [another.organizationId]: 'OWNER',
    })
    const { headers } = await signIn(server, user.email)
    const key = await createOrganizationKey(server, project)
    expect((await server.http.get(another.path).set(headers)).status).toBe(200)
    expect((await server.http.get(another.path).set({ ...headers, ...key.headers })).status).toBe(404)
    expect((await server.http.get(project.path).set({ ...headers, ...key.headers })).status).toBe(200)
  })
})

describe('an organization API key at introspection', () => {
  it('is no caller: it belongs to no project', async () => {
    const project = await server.createProject()
    const { key } = await createOrganizationKey(server, project, { role: 'ADMIN' })
    const { credentials } = await server.createPass(project)
    const token = await server.fetchToken(credentials)
    await expect(introspect(server, { ...project, apiKey: key }, token)).rejects.toThrow(
      'introspection answered 401',
    )
  })
})

/** What is about a person alone, whatever the role. */
const isPersonal = (rule: string) =>
  rule.startsWith('me.') || ['organizations.create', 'members.leave'].includes(rule)

describe.each(KEY_ROLES.map(role => ({ role })))('an organization API key as $role', ({ role }) => {
  async function walk(
    headers: Record<string, string>,
    project: TestProject,
  ): Promise<Record<string, number>> {
    const agent = await server.createPass(project, { scopes: [], permissions: [] })
    const answered: Record<string, number> = {}
    for (const route of servedRoutes(server.deps).guarded) {
      // Whoever walks on has to be there and signed in.
      if (['me.sign_out_everywhere', 'members.leave'].includes(route.rule)) continue
      const id = await targetOf(server, route, project)
      const { agentUserId } = agent.credentials
      const place = route.rule === 'projects.delete' ? await doomed(project) : project
      const { organizationId: orgId, projectId } = place
      answered[route.rule] = (
        await callRoute(server, route, { headers, orgId, projectId, id, agentUserId })
      ).status
    }
    return answered
  }

  async function doomed(project: TestProject): Promise<TestProject> {
    const { headers } = await createOrganizationKey(server, project, { role: 'ADMIN' })
    const made = await server.http
      .post(`${pathOf(project)}/projects`)
      .set(headers)
      .send(attributes({ name: 'Doomed' }))
    return { ...project, projectId: made.body.data.id }
  }

  async function personOf(project: TestProject, as: KeyRole) {
    const user = await createUser(server, { [project.organizationId]: as })
    return (await signIn(server, user.email)).headers
  }

  it('is let in where a person of that role is, but for what is about a person', async () => {
    const project = await server.createProject()
    const person = await walk(await personOf(project, role), project)
    const key = await walk((await createOrganizationKey(server, project, { role })).headers, project)
    const expected = Object.entries(person).map(([rule, status]) => [rule, isPersonal(rule) ? 403 : status])
    expect(key).toEqual(Object.fromEntries(expected))
  })

  it('neither leaves an organization nor signs out', async () => {
    const project = await server.createProject()
    const { headers } = await createOrganizationKey(server, project, { role })
    const leaving = await server.http.delete(`${pathOf(project)}/members/me`).set(headers)
    const signingOut = await server.http.post('/v1/api/me/sign_out_everywhere').set(headers)
    expect([leaving.status, signingOut.status]).toEqual([403, 403])
    expect((await server.http.get(project.path).set(headers)).status).toBe(200)
  })

  it('finds nothing of another organization', async () => {
    const [own, foreign] = [await server.createProject(), await server.createProject()]
    const { headers } = await createOrganizationKey(server, own, { role })
    const pass = await server.createPass(foreign)
    for (const route of servedRoutes(server.deps).guarded) {
      if (!route.pattern.includes(':orgId')) continue
      for (const place of [foreign, { ...foreign, organizationId: own.organizationId }]) {
        if (place !== foreign && !route.pattern.includes(':projectId')) continue
        const { organizationId: orgId, projectId } = place
        const { agentUserId } = pass.credentials
        const answer = await callRoute(server, route, { headers, orgId, projectId, id: pass.id, agentUserId })
        expect([route.rule, answer.status]).toEqual([route.rule, 404])
      }
    }
  })
})
