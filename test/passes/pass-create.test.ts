import { isChecksummedSecret } from '../../src/platform/checksummed-secret.ts'
import { managementOf } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** The tables in which a row holds the text, as it is or as the bytes of it. */
async function tablesHolding(value: string): Promise<string[]> {
  const { database } = server.deps
  const tables = await database.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' order by 1`,
  )
  const holding: string[] = []
  for (const { name } of tables) {
    const found = await database.query<{ rows: number }>(
      `select count(*)::int as rows from "${name}" t
       where strpos(t::text, $1) > 0 or strpos(t::text, $2) > 0 or strpos(t::text, $3) > 0`,
      [value, Buffer.from(value).toString('hex'), Buffer.from(value).toString('base64').replace(/.?=*$/, '')],
    )
    if (found[0]?.rows) holding.push(name)
  }
  return holding
}

describe('creating a pass', () => {
  it('answers 201 with the credentials, not to be stored by a cache', async () => {
    const project = await server.createProject()
    const answer = await managementOf(server, project).create({})
    const { attributes } = answer.body.data
    expect(answer.status).toBe(201)
    expect(answer.get('Cache-Control')).toBe('no-store')
    expect(answer.body.meta.credentials).toEqual({
      clientId: attributes.clientId,
      clientSecret: expect.stringMatching(/^sps_[0-9A-Za-z]{49}$/),
      agentUserId: attributes.agentUserId,
      apiBaseUrl: `${server.url}/v1/api`,
    })
    expect(isChecksummedSecret('sps_', answer.body.meta.credentials.clientSecret)).toBe(true)
  })

  it('gives each pass its own client, secret and agent', async () => {
    const project = await server.createProject()
    const { credentials: one } = await server.createPass(project)
    const { credentials: two } = await server.createPass(project)
    expect(two.clientId).not.toBe(one.clientId)
    expect(two.clientSecret).not.toBe(one.clientSecret)
    expect(two.agentUserId).not.toBe(one.agentUserId)
  })

  it('gives credentials that work at once', async () => {
    const pass = await server.createPass(await server.createProject())
    expect(await server.fetchToken(pass.credentials)).toMatch(/\S{20,}/)
  })

  it('makes the agent with the pass', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const agents = await server.deps.database.query('select id from agents where project_id = $1', [
      project.projectId,
    ])
    expect(agents).toEqual([{ id: credentials.agentUserId }])
  })

  it('makes neither agent nor pass when the body has a fault', async () => {
    const project = await server.createProject()
    expect((await managementOf(server, project).create({ usageType: 'robot' })).status).toBe(400)
    const left = await server.deps.database.query(
      'select id from agents where project_id = $1 union all select id from passes where project_id = $1',
      [project.projectId],
    )
    expect(left).toEqual([])
  })
})

describe('the secret of a pass', () => {
  it('is in no later answer', async () => {
    const project = await server.createProject()
    const { id, attributes, credentials } = await server.createPass(project)
    const passes = managementOf(server, project)
    await server.fetchToken(credentials)
    const get = (path: string) => server.http.get(path).set('Api-Key', project.apiKey)
    const answers = [
      await passes.read(id),
      await passes.list(),
      await passes.update(id, { description: 'x' }),
      await passes.act(id, 'rotate_key', { gracePeriodSeconds: 60 }),
      await passes.act(id, 'revoke'),
      await passes.act(id, 'activate'),
      await get(`${project.path}/audit_events`),
      await get(`/v1/api/oauth/agent/activity/logs?agent_user_id=${credentials.agentUserId}`),
      await get(`/v1/api/oauth/agent/activity/export?agent_user_id=${credentials.agentUserId}`),
    ]
    expect(answers.map(answer => answer.status)).toEqual(answers.map(() => 200))
    for (const answer of answers) {
      expect(answer.text).not.toContain(credentials.clientSecret)
      expect(answer.text).not.toContain('$argon2')
    }
    for (const answer of answers.filter((_, index) => index !== 3)) {
      expect(answer.text).not.toContain('sps_')
      expect(answer.body.meta?.credentials).toBeUndefined()
    }
    expect(attributes).not.toHaveProperty('clientSecret')
  })

  it('is in no row of the database, nor is a token of it', async () => {
    const project = await server.createProject()
    const { id, credentials } = await server.createPass(project)
    const passes = managementOf(server, project)
    const rotated = await passes.act(id, 'rotate_key', { gracePeriodSeconds: 60 })
    const token = await server.fetchToken(credentials)
    await server.http
      .post('/v1/api/oauth/introspect')
      .auth(credentials.clientId, credentials.clientSecret)
      .type('form')
      .send({ token })
    expect(await tablesHolding(credentials.clientSecret)).toEqual([])
    expect(await tablesHolding(rotated.body.meta.credentials.clientSecret)).toEqual([])
    expect(await tablesHolding(token)).toEqual([])
    expect(await tablesHolding(project.apiKey)).toEqual([])
    // The search does find what is there.
    expect(await tablesHolding(credentials.clientId)).toContain('passes')
  })
})
