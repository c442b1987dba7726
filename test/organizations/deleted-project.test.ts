import { startServer, type TestPass, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, signIn, type TestUser } from '../support/sign-in.ts'

let server: TestServer
let project: TestProject
let pass: TestPass
let viewer: TestUser
let headers: Record<string, string>
beforeAll(async () => {
  server = await startServer({ env: { RETENTION_DAYS: '7' } })
})
afterAll(() => server.close())

const organization = () => `/v1/api/organizations/${project.organizationId}`
const read = (path: string, query: object = {}, as = headers) => server.http.get(path).set(as).query(query)
const activityOf = (kind: string, as = headers) =>
  read(`/v1/api/oauth/agent/activity/${kind}`, { agent_user_id: pass.credentials.agentUserId }, as)
const deletedIds = async (): Promise<string[]> => {
  const { body } = await read(`${organization()}/projects`, { deleted: true })
  return body.data.map(({ id }: { id: string }) => id)
}
/** What was done is read by these, below the project. */
const RECORD = [
  'audit_events',
  'activity/logs',
  'activity/export',
  'activity/metrics',
  'activity/passes',
] as const

/** A project of a pass that fetched a token, deleted by an owner. */
beforeEach(async () => {
  project = await server.createProject('Harbour')
  pass = await server.createPass(project, { title: 'Crane' })
  await server.fetchToken(pass.credentials)
  viewer = await createUser(server, { [project.organizationId]: 'VIEWER' })
  const owner = await createUser(server, { [project.organizationId]: 'OWNER' })
  headers = (await signIn(server, viewer.email)).headers
  const theirs = (await signIn(server, owner.email)).headers
  expect((await server.http.delete(project.path).set(theirs)).status).toBe(204)
})

it('is listed among the deleted ones of its organization, and there alone', async () => {
  const deletedAt = server.clock.date().toISOString()
  const listed = await read(`${organization()}/projects`, { deleted: true })
  expect(listed.body.data).toEqual([
    {
      id: project.projectId,
      type: 'project',
      attributes: {
        name: 'Harbour',
        organizationId: project.organizationId,
        createdAt: deletedAt,
        updatedAt: deletedAt,
        deletedAt,
      },
    },
  ])
  for (const deleted of [undefined, false])
    expect((await read(`${organization()}/projects`, { deleted })).body).toMatchObject({
      data: [],
      meta: { total: 0 },
    })
  expect((await read(`${organization()}/projects`, { deleted: 'perhaps' })).status).toBe(400)
})

it('is not shown to a key or a pass of another project of its organization', async () => {
  const admin = await createUser(server, { [project.organizationId]: 'ADMIN' })
  const theirs = (await signIn(server, admin.email)).headers
  const attributes = (values: object) => ({ data: { attributes: values } })
  const made = await server.http
    .post(`${organization()}/projects`)
    .set(theirs)
    .send(attributes({ name: 'Other' }))
  const path = `${organization()}/projects/${made.body.data.id}`
  const key = (await server.http.post(`${path}/api_keys`).set(theirs).send({})).body.meta.secretKey
  const asKey = { 'Api-Key': key }
  expect((await read(`${organization()}/projects`, { deleted: true }, asKey)).body).toMatchObject({
    data: [],
    meta: { total: 0, next_cursor: null },
  })
  for (const what of RECORD) expect((await read(`${project.path}/${what}`, {}, asKey)).status).toBe(404)
  expect((await activityOf('logs', asKey)).status).toBe(404)
})

it('leaves its activity and its audit trail to the members of its organization', async () => {
  const [trail, log, exported, metrics, passes] = await Promise.all(
    RECORD.map(what => read(`${project.path}/${what}`)),
  )
  const actions = trail?.body.data.map((event: { attributes: { action: string } }) => event.attributes.action)
  expect(actions.toSorted()).toEqual(['api_key.create', 'pass.create', 'project.create', 'project.delete'])
  expect(log?.body.logs).toMatchObject([{ activity_type: 'token_generation' }])
  expect(exported?.body).toHaveLength(1)
  expect(metrics?.body.summary.total_requests).toBe(1)
  expect(passes?.body.passes).toMatchObject([{ title: 'Crane', deleted: true }])
  for (const kind of ['logs', 'export', 'metrics']) expect((await activityOf(kind)).status).toBe(200)
})

it('is there for nothing else, and for nobody else', async () => {
  const foreign = await server.createProject()
  const stranger = await createUser(server, { [foreign.organizationId]: 'OWNER' })
  const theirs = (await signIn(server, stranger.email)).headers
  for (const what of RECORD) {
    expect((await read(`${project.path}/${what}`, {}, theirs)).status).toBe(404)
    expect((await read(`${project.path}/${what}`, {}, { 'Api-Key': project.apiKey })).status).toBe(401)
    const elsewhere = `/v1/api/organizations/${foreign.organizationId}/projects/${project.projectId}`
    expect((await read(`${elsewhere}/${what}`, {}, theirs)).status).toBe(404)
  }
  expect((await activityOf('logs', theirs)).status).toBe(404)
  const admin = await createUser(server, { [project.organizationId]: 'ADMIN' })
  const asAdmin = (await signIn(server, admin.email)).headers
  for (const what of ['', '/sentinel_passes', `/sentinel_passes/${pass.id}`, '/api_keys'])
    expect((await read(project.path + what, {}, asAdmin)).status).toBe(404)
  const create = server.http.post(`${project.path}/sentinel_passes`).set(asAdmin)
  expect((await create.send({ sentinelPass: { title: 'Late' } })).status).toBe(404)
  expect((await server.http.delete(project.path).set(asAdmin)).status).toBe(404)
})

it('is forgotten when the last of its audit trail is', async () => {
  server.clock.advance({ days: 8 })
  await server.deps.retention.run()
  headers = (await signIn(server, viewer.email)).headers
  expect((await read(`${project.path}/activity/logs`)).body.logs).toEqual([])
  expect((await read(`${project.path}/audit_events`)).body.data).toHaveLength(4)
  expect(await deletedIds()).toEqual([project.projectId])
  server.clock.advance({ days: 357 })
  await server.deps.retention.run()
  headers = (await signIn(server, viewer.email)).headers
  expect(await deletedIds()).toEqual([])
  expect((await read(`${project.path}/audit_events`)).status).toBe(404)
})
