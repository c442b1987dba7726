import { introspect, managementOf } from '../support/management.ts'
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

const WITHIN = { title: 'Made', scopes: ['read'], permissions: ['read'] }

/** A pass that may write, its live token, and the management by it on another node than the one that stops it. */
async function writer(fields: Record<string, unknown> = {}) {
  const project = await server.createProject()
  const pass = await server.createPass(project, { scopes: ['passes:write', 'read'], ...fields })
  const other = await server.createPass(project, WITHIN)
  const token = await server.fetchToken(pass.credentials)
  const headers = { Authorization: `Bearer ${token}` }
  const byToken = managementOf(node, project, headers)
  const byKey = managementOf(server, project)
  const writes = (): PromiseLike<{ status: number; body: { code?: string; detail?: string } }>[] => [
    byToken.create(WITHIN),
    byToken.update(other.id, { description: 'x' }),
    byToken.act(other.id, 'rotate_key'),
    byToken.act(other.id, 'revoke'),
    byToken.act(other.id, 'activate'),
    node.http
      .delete(`${project.path}/sentinel_passes/${other.id}/secrets/${crypto.randomUUID()}`)
      .set(headers),
    node.http
      .delete(`${project.path}/sentinel_passes/${other.id}/tokens/${crypto.randomUUID()}`)
      .set(headers),
    byToken.delete(other.id),
  ]
  const everything = async () => [(await byKey.read(other.id)).body, (await byKey.list()).body.meta.total]
  const expectRefused = async (said: string) => {
    const before = await everything()
    for (const write of writes()) {
      const { status, body } = await write
      expect([status, body.code]).toEqual([403, 'forbidden'])
      expect(body.detail).toContain(said)
    }
    expect(await everything()).toEqual(before)
  }
  return { project, pass, other, token, byToken, byKey, expectRefused }
}

describe('the live token of a pass', () => {
  it('writes while the pass is on and holds the scope', async () => {
    const { other, byToken, byKey } = await writer()
    expect((await byToken.create(WITHIN)).status).toBe(201)
    expect((await byToken.delete(other.id)).status).toBe(204)
    expect((await byKey.read(other.id)).status).toBe(404)
  })

  it('changes nothing from the moment that the pass was paused, on any node, and still reads', async () => {
    const { project, pass, token, byToken, byKey, expectRefused } = await writer()
    expect((await byKey.act(pass.id, 'revoke')).status).toBe(200)
    await expectRefused('this Sentinel Pass is switched off')
    expect((await byToken.list()).status).toBe(200)
    expect(await introspect(node, project, token)).toMatchObject({ active: true })
    await byKey.act(pass.id, 'activate')
    expect((await byToken.create(WITHIN)).status).toBe(201)
  })

  it('changes nothing from the moment that the pass lost the scope, on any node', async () => {
    const { pass, byToken, byKey, expectRefused } = await writer()
    expect((await byKey.update(pass.id, { scopes: ['passes:read', 'read'] })).status).toBe(200)
    await expectRefused('does not hold the scope any more')
    expect((await byToken.list()).status).toBe(200)
  })

  it('changes nothing before the pass begins, where its beginning was moved', async () => {
    const { pass, byKey, expectRefused } = await writer()
    const validFrom = new Date(server.clock.now() + 60_000).toISOString()
    expect((await byKey.update(pass.id, { validFrom })).status).toBe(200)
    await expectRefused('is not valid before')
  })

  it('is not answered again what it made before it was stopped', async () => {
    const { pass, byToken, byKey } = await writer()
    const send = () => byToken.create(WITHIN).set('Idempotency-Key', 'before and after')
    const first = await send()
    expect((await send()).body).toEqual(first.body)
    await byKey.act(pass.id, 'revoke')
    const { status, body } = await send()
    expect([status, body.code, body.meta]).toEqual([403, 'forbidden', undefined])
  })

  it('loses each race against its pass being stopped: what is made after that is nothing', async () => {
    const { project, pass, byToken, byKey } = await writer()
    const stopped = byKey.act(pass.id, 'revoke').then(answer => answer)
    const made = await Promise.all(Array.from({ length: 8 }, () => byToken.create(WITHIN)))
    await stopped
    const count = (await byKey.list({ created_by_pass: pass.id })).body.meta.total
    expect(made.filter(({ status }) => status === 201)).toHaveLength(count)
    expect((await managementOf(server, project).list({ created_by_pass: pass.id })).body.meta.total).toBe(
      count,
    )
    expect((await byToken.create(WITHIN)).status).toBe(403)
  })
})
