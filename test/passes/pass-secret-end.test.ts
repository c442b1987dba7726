import { generateKeyPairSync } from 'node:crypto'
import { introspect, managementOf, requestToken } from '../support/management.ts'
import { startNode, startServer, type TestServer } from '../support/server.ts'

let server: TestServer
let node: TestServer
beforeAll(async () => {
  server = await startServer()
  node = await startNode(server)
})
afterAll(async () => {
  await node.close()
  await server.close()
})

const JWKS = { keys: [generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })] }

async function newPass(fields: Record<string, unknown> = {}) {
  const project = await server.createProject()
  const pass = await server.createPass(project, fields)
  const passes = managementOf(server, project)
  const path = `${project.path}/sentinel_passes/${pass.id}/secrets`
  const list = async (query = '') => (await server.http.get(path + query).set('Api-Key', project.apiKey)).body
  const end = (id: string, query = '') =>
    server.http.delete(`${path}/${id}${query}`).set('Api-Key', project.apiKey)
  const rotate = async (gracePeriodSeconds = 3600) =>
    (await passes.act(pass.id, 'rotate_key', { gracePeriodSeconds })).body.meta.credentials
  return { project, pass, passes, path, list, end, rotate }
}

describe('the secrets of a pass', () => {
  it('are listed, newest first, by when they were made, used and from where, and end; never their values', async () => {
    const { pass, list, rotate } = await newPass()
    const first = server.clock.date().toISOString()
    await server.fetchToken(pass.credentials)
    server.clock.advance({ minutes: 1 })
    const { clientSecret } = await rotate()
    const { data, meta } = await list()
    const at = (createdAt: string, others: object) => ({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: 'pass_secret',
      attributes: { createdAt, expiresAt: null, lastUsedAt: null, lastUsedIp: null, ...others },
    })
    const expiresAt = new Date(server.clock.now() + 3_600_000).toISOString()
    expect(data).toEqual([
      at(server.clock.date().toISOString(), {}),
      at(first, { expiresAt, lastUsedAt: first, lastUsedIp: '127.0.0.1' }),
    ])
    expect(meta).toMatchObject({ page: 1, per_page: 25, total: 2, total_pages: 1 })
    expect(JSON.stringify(data)).not.toContain(clientSecret)
    expect((await list('?per_page=1&page=2')).data).toEqual([data[1]])
    server.clock.advance({ hours: 1 })
    expect((await list()).data).toEqual([data[0]])
  })

  it.each([
    ['the old one', 1],
    ['the new one', 0],
  ])('are ended one by one, at once on every node: %s', async (_which, index) => {
    const { pass, passes, list, end, rotate } = await newPass()
    const credentials = [await rotate(), pass.credentials]
    for (const one of credentials) expect((await requestToken(node, one)).status).toBe(200)
    const before = (await passes.read(pass.id)).headers.etag
    const { data } = await list()
    expect((await end(data[index].id)).status).toBe(204)
    const answers = await Promise.all(credentials.map(one => requestToken(node, one)))
    expect(answers.map(({ status }) => status)).toEqual(index === 1 ? [200, 401] : [401, 200])
    expect((await list()).data).toHaveLength(1)
    expect((await passes.update(pass.id, {}).set('If-Match', String(before))).status).toBe(412)
    expect((await end(data[index].id)).status).toBe(404)
  })

  it('are not ended when it is the last one of a pass without keys', async () => {
    const { pass, list, end } = await newPass()
    const { data } = await list()
    const { status, body } = await end(data[0].id)
    expect([status, body.code]).toEqual([409, 'last_secret'])
    expect((await requestToken(node, pass.credentials)).status).toBe(200)
  })

  it('are ended to the last for a pass that has keys, which then is without them', async () => {
    const { passes, pass, list, end } = await newPass()
    await passes.update(pass.id, { jwks: JWKS })
    const { data } = await list()
    expect((await end(data[0].id)).status).toBe(204)
    expect((await requestToken(node, pass.credentials)).status).toBe(401)
    expect((await passes.read(pass.id)).body.data.attributes).toMatchObject({ secrets: [], jwks: JWKS })
    expect((await list()).data).toEqual([])
  })

  it('take the tokens of the pass with them where that is said, on every node', async () => {
    const { project, pass, list, end, rotate } = await newPass()
    const tokens = [await node.fetchToken(pass.credentials), await node.fetchToken(await rotate())]
    const { data } = await list()
    await end(data[1].id, '?revoke_tokens=true')
    for (const token of tokens) expect(await introspect(node, project, token)).toEqual({ active: false })
  })

  it('are on the audit trail when they are ended', async () => {
    const { project, pass, list, end, rotate } = await newPass()
    await rotate()
    const { data } = await list()
    await end(data[1].id)
    const { body } = await server.http.get(`${project.path}/audit_events`).set('Api-Key', project.apiKey)
    expect(body.data[0].attributes).toMatchObject({
      action: 'pass.end_secret',
      target: { type: 'pass', id: pass.id },
      before: { secrets: [{ id: data[0].id }, { id: data[1].id }] },
      after: { secrets: [{ id: data[0].id, expiresAt: null }] },
    })
  })

  it('are not those of another pass', async () => {
    const [one, other] = [await newPass(), await newPass()]
    await one.rotate()
    const { data } = await one.list()
    await other.rotate()
    expect((await other.end(data[0].id)).status).toBe(404)
    expect((await server.http.get(one.path).set('Api-Key', other.project.apiKey)).status).toBe(404)
    expect((await one.list()).data).toHaveLength(2)
  })
})
