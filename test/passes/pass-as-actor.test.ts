import { managementOf } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** A pass of a new project, its management by its own token, and that by the project's key. */
async function actorWith(scopes: string[], tokenScope?: string) {
  const project = await server.createProject()
  const actor = await server.createPass(project, { title: 'Actor', scopes: [...scopes, 'read', 'write'] })
  const token = await server.fetchToken(actor.credentials, tokenScope)
  const headers = { Authorization: `Bearer ${token}` }
  const byToken = managementOf(server, project, headers)
  const get = (path: string) => server.http.get(path).set(headers)
  return { project, actor, byToken, byKey: managementOf(server, project), get }
}

const codeOf = (answer: { status: number; body: { code?: string } }) => [answer.status, answer.body.code]

describe('a pass with passes:read', () => {
  it('reads the passes of its project', async () => {
    const { project, actor, byToken } = await actorWith(['passes:read'])
    const other = await server.createPass(project, { title: 'Other' })
    expect((await byToken.list()).body.meta.total).toBe(2)
    expect((await byToken.read(other.id)).body.data.attributes.title).toBe('Other')
    expect((await byToken.read(actor.id)).status).toBe(200)
  })

  it('changes none', async () => {
    const { project, byToken, byKey } = await actorWith(['passes:read'])
    const other = await server.createPass(project)
    const answers = [
      await byToken.create({}),
      await byToken.update(other.id, { description: 'x' }),
      await byToken.act(other.id, 'rotate_key'),
      await byToken.act(other.id, 'revoke'),
      await byToken.act(other.id, 'activate'),
      await byToken.delete(other.id),
    ]
    expect(answers.map(codeOf)).toEqual(answers.map(() => [403, 'forbidden']))
    expect((await byKey.read(other.id)).body.data.attributes).toEqual(other.attributes)
    expect((await byKey.list()).body.meta.total).toBe(2)
  })

  it('sees nothing of another project', async () => {
    const { byToken } = await actorWith(['passes:read'])
    const theirs = await server.createProject()
    const pass = await server.createPass(theirs)
    expect((await byToken.read(pass.id)).status).toBe(404)
    expect((await byToken.list()).body.meta.total).toBe(1)
  })
})

describe('a pass with passes:write', () => {
  it('creates a pass that works', async () => {
    const { byToken } = await actorWith(['passes:write'])
    const { body, status } = await byToken.create({ title: 'Made by a pass' })
    expect(status).toBe(201)
    expect(await server.fetchToken(body.meta.credentials)).toMatch(/\S{20,}/)
  })

  it('edits another pass of its project', async () => {
    const { project, byToken } = await actorWith(['passes:write'])
    const other = await server.createPass(project)
    const { body, status } = await byToken.update(other.id, { description: 'edited' })
    expect(status).toBe(200)
    expect(body.data.attributes.description).toBe('edited')
  })

  it('reaches no pass of another project', async () => {
    const { byToken } = await actorWith(['passes:write'])
    const theirs = await server.createProject()
    const pass = await server.createPass(theirs)
    expect((await byToken.update(pass.id, { description: 'x' })).status).toBe(404)
    expect((await byToken.delete(pass.id)).status).toBe(404)
    expect((await managementOf(server, theirs).read(pass.id)).body.data.attributes).toEqual(pass.attributes)
  })

  it('never changes itself', async () => {
    const { actor, byToken, byKey } = await actorWith(['passes:write'])
    const before = (await byKey.read(actor.id)).body.data.attributes
    const answers = [
      await byToken.update(actor.id, { description: 'x' }),
      await byToken.update(String(actor.attributes.passId), { validUntil: null }),
      await byToken.act(actor.id, 'rotate_key'),
      await byToken.act(actor.id, 'revoke'),
      await byToken.act(actor.id, 'activate'),
      await byToken.delete(actor.id),
    ]
    expect(answers.map(codeOf)).toEqual(answers.map(() => [403, 'forbidden']))
    const after = (await byKey.read(actor.id)).body.data.attributes
    expect(after).toEqual({ ...before, usageCount: after.usageCount, lastUsedAt: after.lastUsedAt })
  })
})

describe('a pass without a management scope', () => {
  it.each([
    ['its scopes are others', [], undefined],
    ['it may only read activity', ['activity:read'], undefined],
    ['the token was not granted the scope', ['passes:read', 'passes:write'], 'read'],
  ])('neither reads nor writes passes when %s', async (_when, scopes, tokenScope) => {
    const { byToken } = await actorWith(scopes, tokenScope)
    expect(codeOf(await byToken.list())).toEqual([403, 'forbidden'])
    expect(codeOf(await byToken.create({}))).toEqual([403, 'forbidden'])
  })

  it('is not helped by permissions of that name', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project, { permissions: 'passes:read', scopes: ['read'] })
    const token = await server.fetchToken(pass.credentials)
    const { status } = await managementOf(server, project, { Authorization: `Bearer ${token}` }).list()
    expect(status).toBe(403)
  })
})

describe('what only an API key may do', () => {
  it.each(['api_keys', 'audit_events'])('a pass does not read %s', async what => {
    const { project, get } = await actorWith(['passes:read', 'passes:write', 'activity:read'])
    expect(codeOf(await get(`${project.path}/${what}`))).toEqual([403, 'forbidden'])
  })

  it('a pass makes and deletes no API key', async () => {
    const { project, actor } = await actorWith(['passes:write'])
    const token = await server.fetchToken(actor.credentials)
    const keys = `${project.path}/api_keys`
    const [own] = (await server.http.get(keys).set('Api-Key', project.apiKey)).body.data
    const made = await server.http.post(keys).auth(token, { type: 'bearer' }).send({})
    expect(codeOf(made)).toEqual([403, 'forbidden'])
    const deleted = await server.http.delete(`${keys}/${own.id}`).auth(token, { type: 'bearer' })
    expect(codeOf(deleted)).toEqual([403, 'forbidden'])
    expect((await server.http.get(keys).set('Api-Key', project.apiKey)).body.data).toHaveLength(1)
  })
})
