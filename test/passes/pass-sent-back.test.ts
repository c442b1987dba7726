import { managementOf, pointersOf } from '../support/management.ts'
import { createResource } from '../support/resource-servers.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

async function readPass(fields: Record<string, unknown> = {}) {
  const project = await server.createProject()
  const pass = await server.createPass(project, fields)
  const passes = managementOf(server, project)
  const read = await passes.read(pass.id)
  const put = (body: object) =>
    server.http.put(`${project.path}/sentinel_passes/${pass.id}`).set('Api-Key', project.apiKey).send(body)
  const { data } = read.body
  return { project, pass, passes, put, read, data, attributes: data.attributes }
}

describe('a pass that is sent back as it was read', () => {
  it.each([
    ['as it was answered', ({ data }: { data: object }) => ({ data })],
    [
      'by its attributes',
      ({ data }: { data: { attributes: object } }) => ({ sentinelPass: data.attributes }),
    ],
    [
      'with its id and type',
      ({ data }: { data: { id: string; type: string; attributes: object } }) => ({
        sentinelPass: { ...data.attributes, id: data.id, type: data.type },
      }),
    ],
  ])('is taken, and changes nothing: %s', async (_how, bodyOf) => {
    const { put, read } = await readPass()
    server.clock.advance({ minutes: 1 })
    const answer = await put(bodyOf(read.body))
    expect([answer.status, answer.body, answer.headers.etag]).toEqual([200, read.body, read.headers.etag])
  })

  it('is taken with what was changed in it, in either form', async () => {
    const { put, data, attributes } = await readPass()
    const one = await put({ data: { ...data, attributes: { ...attributes, description: 'one' } } })
    expect(one.body.data.attributes.description).toBe('one')
    const two = await put({ sentinelPass: { ...attributes, description: 'two' } })
    expect(two.body.data.attributes).toEqual({ ...attributes, description: 'two' })
  })

  it('is made and changed without an id in it, its resources too', async () => {
    const project = await server.createProject()
    const { attributes: resource } = await createResource(server, project, {
      resource: `https://${crypto.randomUUID()}.example.com`,
    })
    const path = `${project.path}/sentinel_passes`
    const resources = [resource.resource]
    const body = { data: { type: 'studio_tool', attributes: { title: 'Sent as answered', resources } } }
    const made = await server.http.post(path).set('Api-Key', project.apiKey).send(body)
    expect([made.status, made.body.data?.attributes.resources]).toEqual([201, resources])
    const { id } = await server.createPass(project)
    const changed = await server.http.put(`${path}/${id}`).set('Api-Key', project.apiKey).send(body)
    expect([changed.status, changed.body.data?.attributes.resources]).toEqual([200, resources])
  })

  it('is taken with another end under one of its two names', async () => {
    const { put, attributes } = await readPass()
    const end = '2040-01-01T00:00:00.000Z'
    expect(
      (await put({ sentinelPass: { ...attributes, validUntil: end } })).body.data.attributes.expiresAt,
    ).toBe(end)
    const back = { ...attributes, validUntil: end, expiresAt: null }
    expect((await put({ sentinelPass: back })).body.data.attributes.validUntil).toBeNull()
  })

  it('is taken when its agent has been at work since', async () => {
    const { put, pass, data } = await readPass()
    await server.fetchToken(pass.credentials)
    const answer = await put({ data })
    expect([answer.status, answer.body.data.attributes.usageCount]).toEqual([200, 1])
  })

  it('leaves a lifetime and an organization that were never set as what follows from others', async () => {
    const { put, project, attributes } = await readPass()
    await put({ sentinelPass: { ...attributes, accessLevel: 'premium' } })
    const read = await managementOf(server, project).read(attributes.passId)
    expect(read.body.data.attributes.tokenTtl).toBe(3600)
  })

  it('is refused where something that is read-only was changed, each named', async () => {
    const { put, passes, pass, data, attributes } = await readPass()
    const changed = {
      ...{ clientId: 'sp_0000000000000000000000', status: 'expired', usageCount: 7, capabilities: [] },
      ...{ secrets: [], lastUsedAt: '2040-01-01T00:00:00.000Z', createdBy: null },
    }
    const places = Object.keys(changed).toSorted()
    const answer = await put({ sentinelPass: { ...attributes, ...changed } })
    expect([answer.status, pointersOf(answer.body)]).toEqual([
      400,
      places.map(name => `/sentinelPass/${name}`),
    ])
    for (const { detail } of answer.body.errors) expect(detail).toContain('is read-only')
    const other = await put({
      data: { ...data, id: crypto.randomUUID(), attributes: { ...attributes, status: 'x' } },
    })
    expect(pointersOf(other.body)).toEqual(['/data/attributes/status', '/data/id'])
    const typed = await put({ data: { ...data, type: 'other' } })
    expect(pointersOf(typed.body)).toEqual(['/data/type'])
    expect((await passes.read(pass.id)).body.data).toEqual(data)
  })

  it('makes no other: what is read-only is named as that', async () => {
    const { passes, attributes } = await readPass()
    const { body } = await passes.create({ title: 'Copy', clientId: attributes.clientId })
    expect(body.errors).toEqual([
      { pointer: '/sentinelPass/clientId', detail: 'is read-only: leave it out of a new pass' },
    ])
  })
})

describe('null', () => {
  it('empties what can be empty, and has the rest be what it is when nothing is said of it', async () => {
    const filled = {
      ...{
        title: 'Mail Agent',
        agentType: 'other',
        description: 'x',
        integrationNotes: 'x',
        organization: 'Acme',
      },
      ...{ tags: ['a'], allowedReferers: ['https://a.example/*'], allowedIps: ['127.0.0.1'], tokenTtl: 60 },
      ...{ resources: [], entityType: 'team', entityId: '7', jwks: null, validUntil: null },
    }
    const { project, passes, pass, attributes } = await readPass(filled)
    const { title: _title, ...clearable } = filled
    const nothing = Object.fromEntries(Object.keys(clearable).map(name => [name, null]))
    const empty = {
      ...{
        agentType: 'mail_agent',
        description: '',
        integrationNotes: '',
        organization: 'Project organization',
      },
      ...{ tags: [], allowedReferers: [], allowedIps: [], resources: [], jwks: null, validUntil: null },
      ...{ tokenTtl: 900, entityType: 'project', entityId: project.projectId },
    }
    const answer = await passes.update(pass.id, nothing)
    expect(answer.body.data.attributes).toEqual({ ...attributes, ...empty })
    expect((await passes.create({ ...nothing, title: 'Mail Agent' })).body.data.attributes).toMatchObject(
      empty,
    )
  })

  it.each(['title', 'passId', 'accessLevel', 'usageType', 'permissions', 'scopes', 'active', 'validFrom'])(
    'is refused where there is nothing to be: %s',
    async name => {
      const { passes, pass } = await readPass()
      const { status, body } = await passes.update(pass.id, { [name]: null })
      expect([status, pointersOf(body)]).toEqual([400, [`/sentinelPass/${name}`]])
    },
  )
})
