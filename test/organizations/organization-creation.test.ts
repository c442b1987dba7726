import { startServer, type TestServer } from '../support/server.ts'
import { createUser, signIn, type TestUser } from '../support/sign-in.ts'

const create = async (server: TestServer, { email }: TestUser) => {
  const { headers } = await signIn(server, email)
  const made = await server.http
    .post('/v1/api/organizations')
    .set(headers)
    .send({ data: { attributes: { name: 'Another' } } })
  const { body } = await server.http.get('/v1/api/me').set(headers)
  return { headers, status: made.status, body: made.body, may: body.data.attributes.mayCreateOrganizations }
}

describe('organizations are made', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer()
  })
  afterAll(() => server.close())

  it('by the owners of the first one, unless it is set otherwise, and by nobody else', async () => {
    const first = await server.createProject('First')
    server.clock.advance({ seconds: 1 })
    const second = await server.createProject('Second')
    const owner = await createUser(server, { [first.organizationId]: 'OWNER' })
    expect(await create(server, owner)).toMatchObject({ status: 201, may: true })
    for (const roles of [
      {},
      { [first.organizationId]: 'ADMIN' },
      { [second.organizationId]: 'OWNER' },
    ] as const) {
      const answer = await create(server, await createUser(server, roles))
      expect(answer).toMatchObject({ status: 403, may: false, body: { code: 'forbidden' } })
      expect(answer.body.detail).toContain('ORGANIZATION_CREATION')
    }
    const asKey = await server.http
      .post('/v1/api/organizations')
      .set('Api-Key', first.apiKey)
      .send({ data: { attributes: { name: 'Another' } } })
    expect(asKey.status).toBe(403)
  })

  it('by no owner who shows an API key as well: they act in its project alone', async () => {
    const [operators] = await server.deps.database.query<{ id: string }>(
      'select id from organizations order by created_at, id limit 1',
    )
    const project = await server.createProject()
    const roles = { [operators?.id ?? '']: 'OWNER', [project.organizationId]: 'OWNER' } as const
    const { headers } = await signIn(server, (await createUser(server, roles)).email)
    const { status } = await server.http
      .post('/v1/api/organizations')
      .set({ ...headers, 'Api-Key': project.apiKey })
      .send({ data: { attributes: { name: 'Another' } } })
    expect(status).toBe(403)
  })
})

it('organizations are made by everybody who is signed in, where it is set so', async () => {
  const server = await startServer({ env: { ORGANIZATION_CREATION: 'anyone' } })
  try {
    await server.createProject('First')
    const made = await create(server, await createUser(server))
    expect(made).toMatchObject({ status: 201, may: true })
    const { body } = await server.http.get('/v1/api/me').set(made.headers)
    expect(body.data.attributes).toMatchObject({
      instanceOwner: false,
      organizations: [{ name: 'Another', role: 'OWNER' }],
    })
  } finally {
    await server.close()
  }
})
