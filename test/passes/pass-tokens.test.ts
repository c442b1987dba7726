import { isActive, REVOKE, requestToken, sendForm } from '../oauth/oauth-requests.ts'
import { createResource } from '../support/resource-servers.ts'
import { startServer, type TestPass, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
let project: TestProject
beforeAll(async () => {
  server = await startServer()
  project = await server.createProject()
})
afterAll(() => server.close())

const pathOf = (pass: { id: string }) => `${project.path}/sentinel_passes/${pass.id}/tokens`
const list = (
  pass: { id: string },
  query: Record<string, unknown> = {},
  headers: Record<string, string> = {},
) =>
  server.http
    .get(pathOf(pass))
    .set({ 'Api-Key': project.apiKey, ...headers })
    .query(query)
const end = (pass: { id: string }, tokenId: string) =>
  server.http.delete(`${pathOf(pass)}/${tokenId}`).set('Api-Key', project.apiKey)
const idsOf = (answer: { body: { data: { id: string }[] } }) => answer.body.data.map(({ id }) => id)
const fetch = async (pass: TestPass, fields: Record<string, string> = {}) => {
  const answer = await requestToken(server, pass.credentials, fields)
  expect(answer.status).toBe(200)
  return String(answer.body.access_token)
}

it('lists the live tokens of a pass, the latest end first, and never a value', async () => {
  await createResource(server, project, { resource: 'urn:example:billing' })
  const pass = await server.createPass(project, {
    scopes: ['read:data', 'write:data'],
    resources: ['urn:example:billing'],
  })
  const stranger = await server.createPass(project)
  await fetch(stranger)
  const issuedAt = server.clock.date().toISOString()
  const first = await fetch(pass, { scope: 'read:data' })
  server.clock.advance({ seconds: 1 })
  const second = await fetch(pass, { resource: 'urn:example:billing' })
  const answer = await list(pass)

  expect(answer.status).toBe(200)
  expect(answer.body.meta).toEqual({ page: 1, per_page: 25, total: 2, total_pages: 1 })
  expect(answer.body.data[1]).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    type: 'access_token',
    attributes: {
      scopes: ['read:data'],
      resource: null,
      issuedAt,
      expiresAt: new Date(Date.parse(issuedAt) + 900_000).toISOString(),
    },
  })
  expect(answer.body.data[0].attributes).toMatchObject({ resource: 'urn:example:billing' })
  for (const token of [first, second]) expect(answer.text).not.toContain(token)
})

it('pages through them', async () => {
  const pass = await server.createPass(project)
  for (let count = 0; count < 5; count += 1) {
    await fetch(pass)
    server.clock.advance({ seconds: 1 })
  }
  const all = idsOf(await list(pass))
  expect(new Set(all).size).toBe(5)
  const pages = [1, 2, 3].map(page => list(pass, { page, per_page: 2 }))
  const found = (await Promise.all(pages)).map(idsOf)
  expect(found).toEqual([all.slice(0, 2), all.slice(2, 4), all.slice(4)])
  expect((await list(pass, { per_page: 101 })).status).toBe(400)
})

it('lists none that has ended: by its time, its pass, a revocation', async () => {
  const pass = await server.createPass(project, { tokenTtl: 60 })
  const revoked = await fetch(pass)
  expect((await sendForm(server, REVOKE, { token: revoked }, { 'Api-Key': project.apiKey })).status).toBe(200)
  expect(idsOf(await list(pass))).toEqual([])
  await fetch(pass)
  expect(idsOf(await list(pass))).toHaveLength(1)
  server.clock.advance({ seconds: 60 })
  expect(idsOf(await list(pass))).toEqual([])

  await fetch(pass)
  const act = (name: string, body: object) =>
    server.http
      .post(`${project.path}/sentinel_passes/${pass.id}/${name}`)
      .set('Api-Key', project.apiKey)
      .send(body)
  await act('revoke', { revokeTokens: true })
  expect((await list(pass)).body).toMatchObject({ data: [], meta: { total: 0 } })
  await act('activate', {})
  await fetch(pass)
  expect(idsOf(await list(pass))).toHaveLength(1)
})

it('shows a token to end with its pass, and none of a pass that has ended', async () => {
  const pass = await server.createPass(project)
  await fetch(pass)
  const validUntil = new Date(server.clock.now() + 30_000).toISOString()
  server.clock.advance({ seconds: 1 })
  await server.http
    .put(`${project.path}/sentinel_passes/${pass.id}`)
    .set('Api-Key', project.apiKey)
    .send({ sentinelPass: { validUntil } })
  expect((await list(pass)).body.data[0].attributes.expiresAt).toBe(validUntil)
  server.clock.advance({ seconds: 30 })
  expect(idsOf(await list(pass))).toEqual([])
})

it('ends the token that is named from its answer on, and no other, and has that on the audit trail', async () => {
  const pass = await server.createPass(project)
  const [ended, kept] = [await fetch(pass), await fetch(pass)]
  const found = await server.deps.accessTokens.store.find(ended)
  const tokenId = found?.id ?? ''
  expect((await end(pass, tokenId)).status).toBe(204)

  expect(await isActive(server, project, ended)).toBe(false)
  expect(await isActive(server, project, kept)).toBe(true)
  expect(idsOf(await list(pass))).toEqual([(await server.deps.accessTokens.store.find(kept))?.id])
  expect((await end(pass, tokenId)).status).toBe(404)
  const events = await server.http.get(`${project.path}/audit_events`).set('Api-Key', project.apiKey)
  expect(events.body.data[0].attributes).toMatchObject({
    action: 'pass.end_token',
    target: { type: 'pass', id: pass.id },
    before: { liveToken: tokenId },
  })
})

it('knows no token of another pass or project, nor one by something that is no id', async () => {
  const [pass, other] = [await server.createPass(project), await server.createPass(project)]
  const token = await fetch(pass)
  const { id = '' } = (await server.deps.accessTokens.store.find(token)) ?? {}
  const stranger = await server.createProject()

  expect((await end(other, id)).status).toBe(404)
  for (const name of ['x', '*', '%2A', crypto.randomUUID()]) expect((await end(pass, name)).status).toBe(404)
  const foreign = await server.http.delete(`${pathOf(pass)}/${id}`).set('Api-Key', stranger.apiKey)
  expect(foreign.status).toBe(404)
  expect((await list({ id: crypto.randomUUID() })).status).toBe(404)
  expect(await isActive(server, project, token)).toBe(true)
})

it('lets a pass see them with passes:read, end them with passes:write, and never its own', async () => {
  const writer = await server.createPass(project, { scopes: ['passes:write', 'read'], permissions: ['read'] })
  const reader = await server.createPass(project, { scopes: ['passes:read'], permissions: ['read'] })
  const pass = await server.createPass(project, { scopes: ['read'], permissions: ['read'] })
  const token = await fetch(pass)
  const bearer = async (holder: TestPass) => `Bearer ${await fetch(holder)}`
  const { id = '' } = (await server.deps.accessTokens.store.find(token)) ?? {}
  const as = async (holder: TestPass, method: 'get' | 'delete', path: string) =>
    (await server.http[method](path).set('Authorization', await bearer(holder))).status

  expect(await as(reader, 'get', pathOf(pass))).toBe(200)
  expect(await as(reader, 'delete', `${pathOf(pass)}/${id}`)).toBe(403)
  const own =
    (await list(writer)).body.data[0]?.id ??
    (await server.deps.accessTokens.store.find(await fetch(writer)))?.id
  expect(await as(writer, 'delete', `${pathOf(writer)}/${own}`)).toBe(403)
  expect(await as(writer, 'delete', `${pathOf(pass)}/${id}`)).toBe(204)
  expect(await isActive(server, project, token)).toBe(false)
})

it('lists no signed token whose key was pulled, nor ends one', async () => {
  const pass = await server.createPass(project, { tokenFormat: 'jwt' })
  await fetch(pass)
  const [tokenId = ''] = idsOf(await list(pass))
  const { kid } = await server.deps.signingKeys.store.signer('ES256')
  expect(await server.deps.signingKeys.store.pull(kid)).toBe(true)
  const kept = await fetch(pass)
  const listed = idsOf(await list(pass))
  expect(listed).toHaveLength(1)
  expect(listed).not.toContain(tokenId)
  expect((await end(pass, tokenId)).status).toBe(404)
  expect(await isActive(server, project, kept)).toBe(true)
})
