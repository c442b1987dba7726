import { introspectWithKey, isActive, requestToken } from '../oauth/oauth-requests.ts'
import { createResource } from '../support/resource-servers.ts'
import { startNode, startServer, type TestProject, type TestServer } from '../support/server.ts'
import { createUser, signIn } from '../support/sign-in.ts'

let server: TestServer
/** Of the operator's organization. */
let operator: TestProject
/** Of another organization. */
let stranger: TestProject
beforeAll(async () => {
  server = await startServer()
  operator = await server.createProject('Operator')
  server.clock.advance({ seconds: 1 })
  stranger = await server.createProject('Stranger')
})
afterAll(() => server.close())

/** A resource that nobody has registered yet. */
const fresh = () => `https://${crypto.randomUUID()}.example.com`

const register = (project: TestProject, attributes: Record<string, unknown>) =>
  server.http
    .post(`${project.path}/resource_servers`)
    .set('Api-Key', project.apiKey)
    .send({ data: { attributes } })
const change = (project: TestProject, path: string, attributes: Record<string, unknown>) =>
  server.http.put(path).set('Api-Key', project.apiKey).send({ data: { attributes } })
const remove = (project: TestProject, path: string) => server.http.delete(path).set('Api-Key', project.apiKey)

/** Another project of the same organization. */
async function sibling(project: TestProject): Promise<TestProject> {
  const made = await server.createProject('Sibling')
  const { organizationId } = project
  await server.deps.database.query('update projects set organization_id = $1 where id = $2', [
    organizationId,
    made.projectId,
  ])
  const path = `/v1/api/organizations/${organizationId}/projects/${made.projectId}`
  return { ...made, organizationId, path }
}

const refusalOf = ({ status, body }: { status: number; body: { error?: string; code?: string } }) => [
  status,
  body.error ?? body.code,
]

describe('a resource server', () => {
  it('is registered, read, listed by pages, changed and deleted, and all of it is on record', async () => {
    const project = await sibling(operator)
    const resource = fresh()
    const scopes = [{ name: 'entries:write', description: 'Post entries' }]
    const made = await register(project, { resource, title: 'Ledger', scopes, maxTokenTtl: 60 })
    expect(made.status).toBe(201)
    const path = `${project.path}/resource_servers/${made.body.data.id}`
    expect(made.headers.location).toBe(path)
    const attributes = {
      ...{ resource, title: 'Ledger', scopes, maxTokenTtl: 60 },
      ...{ tokenFormat: null, signingAlg: null, shared: false },
      verifiedAt: server.clock.date().toISOString(),
    }
    expect(made.body.data).toMatchObject({ type: 'resource_server', attributes })

    const read = await server.http.get(path).set('Api-Key', project.apiKey)
    expect([read.body, read.headers.etag]).toEqual([made.body, made.headers.etag])
    const known = await server.http
      .get(path)
      .set({ 'Api-Key': project.apiKey, 'If-None-Match': String(read.headers.etag) })
    expect(known.status).toBe(304)

    const second = await register(project, { resource: fresh() })
    const list = (page: number) =>
      server.http
        .get(`${project.path}/resource_servers?per_page=1&page=${page}`)
        .set('Api-Key', project.apiKey)
    expect((await list(1)).body.data).toEqual([second.body.data])
    expect((await list(2)).body.data).toEqual([made.body.data])
    expect((await list(2)).body.meta).toEqual({
      page: 2,
      per_page: 1,
      total: 2,
      total_pages: 2,
      next_cursor: null,
    })

    const stale = await change(project, path, { title: 'Stale' }).set('If-Match', '"other"')
    expect(refusalOf(stale)).toEqual([412, 'precondition_failed'])
    const changed = await change(project, path, { title: 'Books', signingAlg: 'RS256' }).set(
      'If-Match',
      String(read.headers.etag),
    )
    expect(changed.body.data.attributes).toMatchObject({ title: 'Books', signingAlg: 'RS256', scopes })
    expect(changed.headers.etag).not.toBe(read.headers.etag)
    const same = await change(project, path, { title: 'Books' })
    expect(same.headers.etag).toBe(changed.headers.etag)
    expect(refusalOf(await change(project, path, { resource: fresh() }))).toEqual([400, 'validation_failed'])

    expect((await remove(project, path)).status).toBe(204)
    expect((await remove(project, path)).status).toBe(404)
    const audit = await server.http.get(`${project.path}/audit_events`).set('Api-Key', project.apiKey)
    const events = audit.body.data
      .map((event: { attributes: Record<string, unknown> }) => event.attributes)
      .filter(({ target }: { target: { id: string } }) => target.id === made.body.data.id)
    expect(events.map(({ action }: { action: string }) => action).toSorted()).toEqual([
      'resource_server.create',
      'resource_server.delete',
      'resource_server.update',
    ])
    const update = events.find(({ action }: { action: string }) => action === 'resource_server.update')
    expect(update).toMatchObject({
      before: { title: 'Ledger', signingAlg: null },
      after: { title: 'Books', signingAlg: 'RS256' },
    })
  })

  it('is made once by an Idempotency-Key', async () => {
    const body = { resource: fresh() }
    const key = crypto.randomUUID()
    const first = await register(operator, body).set('Idempotency-Key', key)
    const again = await register(operator, body).set('Idempotency-Key', key)
    expect([again.status, again.body]).toEqual([201, first.body])
  })

  it('says all that is wrong with it', async () => {
    const scopes = [{ name: 'passes:write' }, { name: 'a b' }]
    const { status, body } = await register(operator, {
      ...{
        resource: 'https://u:p@x.example',
        tokenFormat: 'saml',
        signingAlg: 'none',
        scopes,
        maxTokenTtl: 0,
      },
      more: 1,
    })
    expect(status).toBe(400)
    const pointers = body.errors.map(({ pointer }: { pointer: string }) => pointer)
    const expected = [
      'resource',
      'tokenFormat',
      'signingAlg',
      'scopes/0/name',
      'scopes/1/name',
      'maxTokenTtl',
      'more',
    ]
    expect(pointers.toSorted()).toEqual(expected.map(name => `/data/attributes/${name}`).toSorted())
  })

  it('is nothing at or below this server’s own API, not even of another’s project', async () => {
    const { apiBaseUrl } = server.deps.config
    for (const resource of [
      apiBaseUrl,
      `${apiBaseUrl}/`,
      server.url.replace('http', 'HTTP') + stranger.path,
      `${server.url}/console/..${stranger.path}`,
    ])
      for (const project of [operator, stranger])
        expect(refusalOf(await register(project, { resource }))).toEqual([400, 'validation_failed'])
  })
})

describe('a resource', () => {
  it('has one owner over the whole instance, however it is spelled', async () => {
    const host = `${crypto.randomUUID()}.example.com`
    expect((await register(operator, { resource: `https://${host}/api` })).status).toBe(201)
    for (const resource of [
      `https://${host}/api/`,
      `HTTPS://${host.toUpperCase()}:443/x/../api`,
      `https://${host}./%61pi`,
    ])
      for (const project of [operator, await sibling(operator), stranger])
        expect(refusalOf(await register(project, { resource }))).toEqual([409, 'resource_taken'])
  })

  it('keeps other organizations from what is above and below it, and from nothing else', async () => {
    const base = fresh()
    await register(operator, { resource: `${base}/api` })
    for (const resource of [base, `${base}/api/v1`, `${base}/api?x=1`])
      expect(refusalOf(await register(stranger, { resource }))).toEqual([409, 'resource_taken'])
    expect((await register(stranger, { resource: `${base}/other` })).status).toBe(201)
    expect((await register(operator, { resource: `${base}/api/v1` })).status).toBe(201)
  })

  it('that nobody has verified does not keep the operator from it, nor anybody after a day', async () => {
    const [one, other] = [fresh(), fresh()]
    const claims = [
      await register(stranger, { resource: one }),
      await register(stranger, { resource: other }),
    ]
    expect(claims.map(({ body }) => body.data.attributes.verifiedAt)).toEqual([null, null])
    expect((await register(operator, { resource: one })).status).toBe(201)
    const third = await server.createProject('Third')
    expect((await register(third, { resource: other })).status).toBe(409)
    server.clock.advance({ days: 1 })
    expect((await register(third, { resource: other })).status).toBe(201)
    for (const { body } of claims) {
      const path = `${stranger.path}/resource_servers/${body.data.id}`
      expect((await server.http.get(path).set('Api-Key', stranger.apiKey)).status).toBe(404)
    }
  })

  it('can be registered by one of many at once', async () => {
    const resource = fresh()
    const projects = [
      operator,
      stranger,
      await server.createProject('Third'),
      await server.createProject('Fourth'),
    ]
    const statuses = await Promise.all(
      projects.slice(1).map(async project => (await register(project, { resource })).status),
    )
    expect(statuses.toSorted()).toEqual([201, 409, 409])
  })

  it('is nobody else’s to read, change, delete or verify', async () => {
    const { id } = await createResource(server, operator, { resource: fresh() })
    const user = await createUser(server, { [stranger.organizationId]: 'OWNER' })
    const { headers } = await signIn(server, user.email)
    for (const credential of [{ 'Api-Key': stranger.apiKey }, headers])
      for (const path of [
        `${operator.path}/resource_servers/${id}`,
        `${stranger.path}/resource_servers/${id}`,
      ]) {
        const answers = [
          await server.http.get(path).set(credential),
          await server.http
            .put(path)
            .set(credential)
            .send({ data: { attributes: { shared: true } } }),
          await server.http.delete(path).set(credential),
          await server.http.post(`${path}/verify`).set(credential),
        ]
        expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404])
      }
  })
})

describe('a pass', () => {
  it('may list no resource of another organization, registered or not, nor another’s project', async () => {
    const ledger = fresh()
    await createResource(server, operator, { resource: ledger, shared: true })
    const passes = `${stranger.path}/sentinel_passes`
    const existing = await server.createPass(stranger)
    for (const resource of [ledger, `${ledger}/`, fresh(), `${server.url}${operator.path}`]) {
      const sentinelPass = { title: 'Attack', tokenFormat: 'jwt', resources: [resource] }
      const created = await server.http.post(passes).set('Api-Key', stranger.apiKey).send({ sentinelPass })
      const updated = await server.http
        .put(`${passes}/${existing.id}`)
        .set('Api-Key', stranger.apiKey)
        .send({ sentinelPass: { resources: [resource] } })
      for (const { status, body } of [created, updated]) {
        expect([status, body.code]).toEqual([400, 'validation_failed'])
        expect(body.errors[0].pointer).toBe('/sentinelPass/resources/0')
      }
    }
  })

  it('may list this API and its own project', async () => {
    const resources = [server.deps.config.apiBaseUrl, `${server.url}${stranger.path}`]
    const { attributes, credentials } = await server.createPass(stranger, { resources })
    expect(attributes.resources).toEqual(resources)
    for (const resource of resources) {
      const { body } = await requestToken(server, credentials, { resource: `${resource}/` })
      const introspected = await introspectWithKey(server, stranger, body.access_token)
      expect(introspected.body).toMatchObject({ active: true, aud: resource })
    }
  })

  it('gets no token for a resource that is not verified, and is told so', async () => {
    const resource = fresh()
    await register(stranger, { resource })
    const { credentials } = await server.createPass(stranger, { resources: [resource] })
    const { status, body } = await requestToken(server, credentials, { resource })
    expect([status, body.error]).toEqual([400, 'invalid_target'])
    expect(body.error_description).toContain(`${resource} is not verified yet`)
  })

  it('is told which resources it may name', async () => {
    const resource = fresh()
    await createResource(server, stranger, { resource })
    const { credentials } = await server.createPass(stranger, { resources: [resource] })
    const { body } = await requestToken(server, credentials, { resource: fresh() })
    expect(body.error).toBe('invalid_target')
    expect(body.error_description).toContain(`it may name ${resource}, ${server.deps.config.apiBaseUrl}`)
  })

  it('of another project names a resource that its organization shares, for as long as it does', async () => {
    const resource = fresh()
    const other = await sibling(stranger)
    const { path } = await createResource(server, stranger, { resource })
    const refused = await server.http
      .post(`${other.path}/sentinel_passes`)
      .set('Api-Key', other.apiKey)
      .send({ sentinelPass: { title: 'Early', resources: [resource] } })
    expect(refused.status).toBe(400)

    await change(stranger, path, { shared: true })
    const guest = await server.createPass(other, { resources: [resource] })
    const host = await server.createPass(stranger, { resources: [resource] })
    const granted = await requestToken(server, guest.credentials, { resource })
    expect(granted.status).toBe(200)

    await change(stranger, path, { shared: false })
    const again = await requestToken(server, guest.credentials, { resource })
    expect(refusalOf(again)).toEqual([400, 'invalid_target'])
    expect(await isActive(server, other, granted.body.access_token)).toBe(false)
    expect((await requestToken(server, host.credentials, { resource })).status).toBe(200)
    const read = await server.http
      .get(`${other.path}/sentinel_passes/${guest.id}`)
      .set('Api-Key', other.apiKey)
    expect(read.body.data.attributes.resources).toEqual([])
  })
})

describe('what a resource server wants', () => {
  it('limits how long a token lasts, at the first grant and at a later one', async () => {
    const resource = fresh()
    await createResource(server, operator, { resource, maxTokenTtl: 60 })
    const { credentials } = await server.createPass(operator, { resources: [resource] })
    const lifetimes = []
    for (const fields of [{ resource }, { resource }, {}])
      lifetimes.push((await requestToken(server, credentials, fields)).body.expires_in)
    expect(lifetimes).toEqual([60, 60, 900])
  })

  it('offers its scopes and itself where passes of the project are made', async () => {
    const project = await server.createProject('Offering')
    const scopes = [{ name: 'entries:write', description: 'Post entries' }]
    const resource = fresh()
    await register(project, { resource, title: 'Ledger', scopes })
    for (const path of ['/v1/api', project.path]) {
      const { body } = await server.http.get(`${path}/pass_options`).set('Api-Key', project.apiKey)
      expect(body.data.resources).toEqual([{ resource, title: 'Ledger', verified: false, scopes }])
    }
  })
})

describe('at the token endpoint', () => {
  it('audience is another name of resource', async () => {
    const [one, other] = [fresh(), fresh()]
    for (const resource of [one, other]) await createResource(server, operator, { resource })
    const { credentials } = await server.createPass(operator, { resources: [one, other] })
    const ask = (fields: Record<string, string>) => requestToken(server, credentials, fields)
    for (const fields of [
      { audience: one },
      { audience: `${one}/` },
      { audience: one, resource: `${one}/` },
    ]) {
      const { body } = await ask(fields)
      const introspected = await introspectWithKey(server, operator, body.access_token)
      expect(introspected.body.aud).toBe(one)
    }
    expect(refusalOf(await ask({ audience: one, resource: other }))).toEqual([400, 'invalid_target'])
    expect(refusalOf(await ask({ audience: fresh() }))).toEqual([400, 'invalid_target'])
  })

  it('authorization_details are refused: they would have narrowed what is granted', async () => {
    const { credentials } = await server.createPass(operator)
    for (const value of ['[{"type":"payment"}]', '[]', 'nonsense']) {
      const answer = await requestToken(server, credentials, { authorization_details: value })
      expect(refusalOf(answer)).toEqual([400, 'invalid_authorization_details'])
      expect(answer.body).not.toHaveProperty('access_token')
    }
  })
})

describe('from the moment that it has answered', () => {
  it.each([
    ['a deletion', (path: string) => remove(stranger, path), [400, 'invalid_target']],
    ['a shorter lifetime', (path: string) => change(stranger, path, { maxTokenTtl: 30 }), [200, 30]],
    ['another format', (path: string) => change(stranger, path, { tokenFormat: 'jwt' }), [200, 'jwt']],
  ])('%s of a resource server counts on every node', async (_what, act, expected) => {
    const node = await startNode(server)
    try {
      const resource = fresh()
      const { path } = await createResource(server, stranger, { resource })
      const { credentials } = await server.createPass(stranger, { resources: [resource] })
      // Both nodes keep a copy of the pass from here on.
      const held = []
      for (const place of [server, node, server, node])
        held.push((await requestToken(place, credentials, { resource })).body.access_token)
      expect((await act(path)).status).toBeLessThan(300)
      for (const place of [node, server]) {
        const { status, body } = await requestToken(place, credentials, { resource })
        const found =
          body.error ?? (expected[1] === 30 ? body.expires_in : body.access_token.includes('.') && 'jwt')
        expect([status, found]).toEqual(expected)
        if (status === 200) continue
        for (const token of held) expect(await isActive(place, stranger, token)).toBe(false)
      }
    } finally {
      await node.close()
    }
  })

  it('a project that is deleted takes its resource from passes of others', async () => {
    const owner = await sibling(operator)
    const resource = fresh()
    await createResource(server, owner, { resource, shared: true })
    const { credentials, id } = await server.createPass(operator, { resources: [resource] })
    expect((await requestToken(server, credentials, { resource })).status).toBe(200)
    const user = await createUser(server, { [operator.organizationId]: 'OWNER' })
    const { headers } = await signIn(server, user.email)
    expect((await server.http.delete(owner.path).set(headers)).status).toBe(204)
    expect(refusalOf(await requestToken(server, credentials, { resource }))).toEqual([400, 'invalid_target'])
    const read = await server.http
      .get(`${operator.path}/sentinel_passes/${id}`)
      .set('Api-Key', operator.apiKey)
    expect(read.body.data.attributes.resources).toEqual([])
    expect((await register(stranger, { resource })).status).toBe(201)
  })
})
