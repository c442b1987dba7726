import { managementOf } from '../support/management.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

interface AuditAttributes {
  readonly action: string
  readonly actor: object
  readonly target: object
  readonly clientIp: string | null
  readonly before: object | null
  readonly after: object | null
  readonly createdAt: string
}

async function eventsOf(project: TestProject): Promise<AuditAttributes[]> {
  const { body } = await server.http
    .get(`${project.path}/audit_events?per_page=100`)
    .set('Api-Key', project.apiKey)
  return body.data.map((event: { attributes: AuditAttributes }) => event.attributes)
}

async function keyActor(project: TestProject) {
  const { body } = await server.http.get(`${project.path}/api_keys`).set('Api-Key', project.apiKey)
  return { type: 'api_key', id: body.data[0].id, name: body.data[0].attributes.note }
}

/** A project with one pass, after a minute in which nothing happened. */
async function projectWithPass(fields: Record<string, unknown> = {}) {
  const project = await server.createProject()
  const pass = await server.createPass(project, { title: 'Agent one', ...fields })
  server.clock.advance({ minutes: 1 })
  const base = {
    actor: await keyActor(project),
    target: { type: 'pass', id: pass.id, name: 'Agent one' },
    clientIp: '127.0.0.1',
    before: null,
    after: null,
    createdAt: server.clock.date().toISOString(),
  }
  return { project, pass, passes: managementOf(server, project), base }
}

describe('the audit trail', () => {
  it('notes who created a pass, from where and when, and what was granted', async () => {
    const { project, pass, base } = await projectWithPass({
      scopes: ['read:data'],
      allowedIps: ['192.0.2.0/24'],
    })
    const [event] = await eventsOf(project)
    expect(event).toMatchObject({
      action: 'pass.create',
      actor: base.actor,
      target: base.target,
      clientIp: '127.0.0.1',
      before: null,
      after: {
        title: 'Agent one',
        scopes: ['read:data'],
        permissions: ['read', 'write'],
        accessLevel: 'standard',
        allowedIps: ['192.0.2.0/24'],
        validUntil: pass.attributes.validUntil,
        active: true,
      },
    })
    // Neither what is counted within nor what was left empty.
    for (const absent of ['epoch', 'version', 'resources', 'description', 'jwks'])
      expect(event?.after).not.toHaveProperty(absent)
    expect(event?.createdAt).toBe(new Date(server.clock.now() - 60_000).toISOString())
  })

  it('notes an update with what it changed, before and after, and nothing else', async () => {
    const { project, pass, passes, base } = await projectWithPass({ tags: ['old'] })
    await passes.update(pass.id, {
      tags: ['new'],
      validUntil: null,
      scopes: ['read'],
      description: '',
    })
    const [event] = await eventsOf(project)
    expect(event).toEqual({
      ...base,
      action: 'pass.update',
      before: { tags: ['old'], scopes: ['read', 'write'], validUntil: pass.attributes.validUntil },
      after: { tags: ['new'], scopes: ['read'], validUntil: null },
    })
  })

  it('notes which secrets there were before a rotation and after, and until when', async () => {
    const { project, pass, passes, base } = await projectWithPass()
    const { body } = await passes.act(pass.id, 'rotate_key', { gracePeriodSeconds: 60, revokeTokens: true })
    const [made, old] = body.data.attributes.secrets
    const [event] = await eventsOf(project)
    expect(event).toEqual({
      ...base,
      action: 'pass.rotate',
      before: { secrets: [{ id: old.id, expiresAt: null }] },
      after: {
        secrets: [
          { id: made.id, expiresAt: null },
          { id: old.id, expiresAt: new Date(server.clock.now() + 60_000).toISOString() },
        ],
        revokeTokens: true,
      },
    })
  })

  it.each(['activate', 'revoke'] as const)('notes %s', async act => {
    const { project, pass, passes, base } = await projectWithPass({ active: act === 'revoke' })
    await passes.act(pass.id, act)
    const [event] = await eventsOf(project)
    const active = { before: { active: act === 'revoke' }, after: { active: act === 'activate' } }
    expect(event).toEqual({
      ...base,
      action: `pass.${act}`,
      ...active,
    })
  })

  it('notes that a deletion was done, and keeps what is gone: its name and what it had', async () => {
    const { project, pass, passes, base } = await projectWithPass({ scopes: ['read:data'] })
    await passes.delete(pass.id)
    const [event] = await eventsOf(project)
    expect(event).toEqual({ ...base, action: 'pass.delete', before: expect.any(Object) })
    expect(event?.before).toMatchObject({ title: 'Agent one', scopes: ['read:data'], active: true })
    expect(event?.before).not.toHaveProperty('epoch')
  })

  it('notes the making, changing and deleting of an API key, with what it was and is', async () => {
    const { project, base } = await projectWithPass()
    const keys = `${project.path}/api_keys`
    const made = await server.http
      .post(keys)
      .set('Api-Key', project.apiKey)
      .send({ data: { attributes: { note: 'Deployment', expiresAt: '2030-12-31' } } })
    await server.http
      .put(`${keys}/${made.body.data.id}`)
      .set('Api-Key', project.apiKey)
      .send({ data: { attributes: { expiresAt: null } } })
    await server.http.delete(`${keys}/${made.body.data.id}`).set('Api-Key', project.apiKey)
    const target = { type: 'api_key', id: made.body.data.id, name: 'Deployment' }
    const events = await eventsOf(project)
    expect(events.filter(event => event.createdAt === base.createdAt)).toEqual([
      { ...base, action: 'api_key.delete', target, before: { note: 'Deployment', expiresAt: null } },
      {
        ...base,
        action: 'api_key.update',
        target,
        before: { expiresAt: '2031-01-01T00:00:00.000Z' },
        after: { expiresAt: null },
      },
      {
        ...base,
        action: 'api_key.create',
        target,
        after: { note: 'Deployment', expiresAt: '2031-01-01T00:00:00.000Z' },
      },
    ])
  })

  it('notes the making and renaming of a project, and nothing where the name stays', async () => {
    const { project, base } = await projectWithPass()
    await server.http
      .put(project.path)
      .set('Api-Key', project.apiKey)
      .send({ data: { attributes: { name: 'Renamed' } } })
    const [event] = await eventsOf(project)
    expect(event).toEqual({
      ...base,
      action: 'project.update',
      target: { type: 'project', id: project.projectId, name: 'Renamed' },
      before: { name: 'Project' },
      after: { name: 'Renamed' },
    })
    const again = await server.http
      .put(project.path)
      .set('Api-Key', project.apiKey)
      .send({ data: { attributes: { name: 'Renamed' } } })
    expect(again.status).toBe(200)
    expect((await eventsOf(project))[0]).toEqual(event)
    const events = await eventsOf(project)
    expect(events.find(({ action }) => action === 'project.create')).toMatchObject({
      before: null,
      after: { name: 'Project' },
    })
  })

  it('notes a pass as the actor of what it does by its token', async () => {
    const { project, pass, base } = await projectWithPass({ scopes: ['passes:write', 'read'] })
    const token = await server.fetchToken(pass.credentials)
    const byToken = managementOf(server, project, { Authorization: `Bearer ${token}` })
    const { body } = await byToken.create({ title: 'Made by it', scopes: ['read'] })
    const [event] = await eventsOf(project)
    expect(event).toMatchObject({
      action: 'pass.create',
      actor: { type: 'pass', id: pass.id, name: 'Agent one' },
      target: { type: 'pass', id: body.data.id, name: 'Made by it' },
      clientIp: base.clientIp,
    })
  })

  it('notes nothing of what was refused', async () => {
    const { project, pass, passes } = await projectWithPass({ passId: 'SP-2030-AAAAAA' })
    const before = await eventsOf(project)
    await passes.create({ usageType: 'robot' })
    await passes.create({ passId: 'SP-2030-AAAAAA' })
    await passes.update(pass.id, { title: ';' })
    await passes.read(pass.id)
    await passes.act(pass.id, 'rotate_key', { gracePeriodSeconds: -1 })
    expect(await eventsOf(project)).toEqual(before)
  })

  it('holds no secret, neither value nor hash', async () => {
    const { project, pass, passes } = await projectWithPass()
    const rotated = await passes.act(pass.id, 'rotate_key', { gracePeriodSeconds: 60 })
    await server.http.post(`${project.path}/api_keys`).set('Api-Key', project.apiKey).send({})
    const text = JSON.stringify(await eventsOf(project))
    expect(text).toContain('pass.rotate')
    for (const secret of [pass.credentials.clientSecret, rotated.body.meta.credentials.clientSecret])
      expect(text).not.toContain(secret)
    expect(text).not.toMatch(/sps_|spk_|argon2|digest|hash/)
  })
})
