import { managementOf, pointersOf } from '../support/management.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, signIn } from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const NOW = '2030-01-15T10:20:30.000Z'

/** A project with these passes, and the titles that a list of it answers, in alphabetical order. */
async function projectWith(...passes: Record<string, unknown>[]) {
  server.clock.set(NOW)
  const project = await server.createProject()
  for (const fields of passes) await server.createPass(project, fields)
  const management = managementOf(server, project)
  return async (query: Record<string, unknown>) => {
    const { body, status } = await management.list(query)
    expect(status).toBe(200)
    const titles = body.data.map((one: { attributes: { title: string } }) => one.attributes.title).sort()
    expect(body.meta.total).toBe(titles.length)
    return titles
  }
}

async function titlesOf(project: TestProject, query: Record<string, unknown>): Promise<string[]> {
  const { body, status } = await managementOf(server, project).list(query)
  expect(status).toBe(200)
  return body.data.map((one: { attributes: { title: string } }) => one.attributes.title).sort()
}

async function projectWithTwo() {
  const project = await server.createProject()
  const one = await server.createPass(project, { title: 'One' })
  await server.createPass(project, { title: 'Two' })
  return { project, one }
}

describe('the filters of the list of passes', () => {
  it('active: those that are on, or off', async () => {
    const titles = await projectWith({ title: 'On' }, { title: 'Off', active: false })
    expect(await titles({ active: 'true' })).toEqual(['On'])
    expect(await titles({ active: 'false' })).toEqual(['Off'])
    expect(await titles({})).toEqual(['Off', 'On'])
  })

  it('credential_type: those of one type', async () => {
    const titles = await projectWith(
      { title: 'Key', credentialType: 'api_key' },
      { title: 'Client', credentialType: 'oauth_client' },
      { title: 'Token', credentialType: 'token' },
    )
    expect(await titles({ credential_type: 'api_key' })).toEqual(['Key'])
    expect(await titles({ credential_type: 'oauth_client' })).toEqual(['Client'])
    expect(await titles({ credential_type: 'token' })).toEqual(['Token'])
  })

  it('search: a part of the title in any case', async () => {
    const titles = await projectWith({ title: 'Sourcing Agent' }, { title: 'Mail' }, { title: 'Re Source' })
    expect(await titles({ search: 'SOURC' })).toEqual(['Re Source', 'Sourcing Agent'])
    expect(await titles({ search: 'ing a' })).toEqual(['Sourcing Agent'])
    expect(await titles({ search: 'nothing' })).toEqual([])
  })

  it('search: in any case of letters outside of ASCII too', async () => {
    const titles = await projectWith({ title: 'Ärzte Überblick' }, { title: 'Żółw' }, { title: 'ДАННЫЕ' })
    expect(await titles({ search: 'äRZTE ü' })).toEqual(['Ärzte Überblick'])
    expect(await titles({ search: 'żÓŁW' })).toEqual(['Żółw'])
    expect(await titles({ search: 'данные' })).toEqual(['ДАННЫЕ'])
  })

  it.each(['%', '_', 'a_b', 'a%', '\\', '*'])('search: %s is no wildcard', async search => {
    const titles = await projectWith({ title: 'a b' }, { title: 'aXb' })
    expect(await titles({ search })).toEqual([])
  })

  it('tags: those that have all of them', async () => {
    const titles = await projectWith(
      { title: 'Both', tags: ['red', 'blue', 'green'] },
      { title: 'Red', tags: ['red'] },
      { title: 'Reddish', tags: ['reddish'] },
      { title: 'None' },
    )
    expect(await titles({ tags: 'red' })).toEqual(['Both', 'Red'])
    expect(await titles({ tags: 'blue,red' })).toEqual(['Both'])
    expect(await titles({ tags: ' red , blue ' })).toEqual(['Both'])
    expect(await titles({ tags: 'red,yellow' })).toEqual([])
  })

  it('status: those that have it now; those that are expiring are active too', async () => {
    const titles = await projectWith(
      { title: 'Inactive', active: false, validUntil: '2030-01-16' },
      { title: 'Expired', validUntil: '2030-01-15T10:20:31Z' },
      { title: 'Scheduled', validFrom: '2030-02-20', validUntil: '2030-02-22' },
      { title: 'Expiring', validUntil: '2030-02-14T10:20:31Z' },
      { title: 'Active' },
      { title: 'For ever', validUntil: null },
      { title: 'Later for ever', validFrom: '2031-01-01', validUntil: null },
    )
    server.clock.advance({ seconds: 1 })
    expect(await titles({ status: 'inactive' })).toEqual(['Inactive'])
    expect(await titles({ status: 'expired' })).toEqual(['Expired'])
    expect(await titles({ status: 'scheduled' })).toEqual(['Later for ever', 'Scheduled'])
    expect(await titles({ status: 'expiring' })).toEqual(['Expiring'])
    expect(await titles({ status: 'active' })).toEqual(['Active', 'Expiring', 'For ever'])
    server.clock.advance({ days: 40 })
    expect(await titles({ status: 'expired' })).toEqual(['Expired', 'Expiring', 'Scheduled'])
  })

  it('status: several at once, divided by commas or sent more than once', async () => {
    const titles = await projectWith(
      { title: 'Off', active: false },
      { title: 'Later', validFrom: '2030-02-20' },
      { title: 'On' },
    )
    expect(await titles({ status: 'inactive,scheduled' })).toEqual(['Later', 'Off'])
    expect(await titles({ status: ['inactive', 'active'] })).toEqual(['Off', 'On'])
    expect(await titles({ status: '' })).toEqual(['Later', 'Off', 'On'])
  })

  it('agent_type, access_level, usage_type: those of one', async () => {
    const titles = await projectWith(
      { title: 'One', agentType: 'Sourcing Agent', accessLevel: 'premium', usageType: 'mcp_server' },
      { title: 'Two', accessLevel: 'basic' },
    )
    expect(await titles({ agent_type: 'sourcing_agent' })).toEqual(['One'])
    expect(await titles({ agent_type: 'Sourcing Agent' })).toEqual(['One'])
    expect(await titles({ access_level: 'basic' })).toEqual(['Two'])
    expect(await titles({ usage_type: 'mcp_server' })).toEqual(['One'])
  })

  it('client_id, agent_user_id, and search by either, by the id or by the passId', async () => {
    const { project, one } = await projectWithTwo()
    const { clientId, agentUserId } = one.credentials
    const passId = String(one.attributes.passId)
    const queries = [
      ...[
        { client_id: clientId },
        { agent_user_id: agentUserId },
        { agent_user_id: agentUserId.toUpperCase() },
      ],
      ...[
        clientId,
        clientId.slice(0, 9),
        agentUserId,
        one.id,
        passId,
        passId.slice(8),
        passId.toLowerCase(),
      ].map(search => ({ search })),
    ]
    for (const query of queries) expect([query, await titlesOf(project, query)]).toEqual([query, ['One']])
    expect(await titlesOf(project, { client_id: clientId.slice(0, 9) })).toEqual([])
    expect(await titlesOf(project, { search: 'sp_' })).toEqual([])
  })

  it('search and tags: composed or not', async () => {
    const titles = await projectWith({ title: 'Ärzte', tags: ['Ü'] }, { title: 'Z\u0301', tags: ['u'] })
    expect(await titles({ search: 'A\u0308rz' })).toEqual(['Ärzte'])
    expect(await titles({ search: '\u0179' })).toEqual(['\u0179'])
    expect(await titles({ tags: 'U\u0308' })).toEqual(['Ärzte'])
  })

  it('owner: who made them, by id or by email address', async () => {
    const { project, one } = await projectWithTwo()
    const { id, email } = await createUser(server, { [project.organizationId]: 'MEMBER' })
    const person = managementOf(server, project, (await signIn(server, email)).headers)
    const made = await person.create({ title: 'Of a person' })
    expect(made.body.data.attributes.createdBy).toEqual({ type: 'user', id, name: email })
    for (const owner of [id, email, email.toUpperCase()])
      expect(await titlesOf(project, { owner })).toEqual(['Of a person'])
    const { createdBy } = one.attributes as { createdBy: { type: string; id: string; name: string } }
    expect(createdBy).toMatchObject({ type: 'api_key', name: 'Project key' })
    expect(await titlesOf(project, { owner: createdBy.id })).toEqual(['One', 'Two'])
    expect(await titlesOf(project, { owner: 'nobody@example.test' })).toEqual([])
  })

  it('together: those that match all of them', async () => {
    const titles = await projectWith(
      { title: 'Agent one', tags: ['red'], credentialType: 'token' },
      { title: 'Agent two', tags: ['red'], credentialType: 'token', active: false },
      { title: 'Agent three', tags: ['blue'], credentialType: 'token' },
      { title: 'Other', tags: ['red'], credentialType: 'token' },
      { title: 'Agent four', tags: ['red'] },
    )
    const query = { tags: 'red', credential_type: 'token', search: 'agent', active: 'true', status: 'active' }
    expect(await titles(query)).toEqual(['Agent one'])
  })

  it('show nothing of another project', async () => {
    await projectWith({ title: 'Theirs', tags: ['red'] })
    const titles = await projectWith({ title: 'Mine', tags: ['red'] })
    expect(await titles({ tags: 'red' })).toEqual(['Mine'])
  })
})

describe('bad filters', () => {
  it.each([
    ['active=1', ['active']],
    ['active=', ['active']],
    ['active=true&active=false', ['active']],
    ['credential_type=password', ['credential_type']],
    ['status=dead', ['status']],
    ['status=active,dead', ['status']],
    ['agent_user_id=1', ['agent_user_id']],
    ['owner=somebody', ['owner']],
    ['created_by_pass=1', ['created_by_pass']],
    [`search=${'x'.repeat(201)}`, ['search']],
    ['search=%00', ['search']],
    ['unheard_of=1', ['unheard_of']],
    ['status=dead&active=1&unheard_of=1', ['active', 'status', 'unheard_of']],
  ])('are refused by name: %s', async (query, parameters) => {
    const project = await server.createProject()
    const { body, status } = await server.http
      .get(`${project.path}/sentinel_passes?${query}`)
      .set('Api-Key', project.apiKey)
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' })
    expect(pointersOf(body)).toEqual(parameters)
  })
})
