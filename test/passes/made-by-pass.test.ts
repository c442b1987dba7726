import { generateKeyPairSync } from 'node:crypto'
import type { Role } from '../../src/access/role.ts'
import { introspect, managementOf, pointersOf, requestToken } from '../support/management.ts'
import { startNode, startServer, type TestServer } from '../support/server.ts'
import { createUser, signIn } from '../support/sign-in.ts'

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
const inDays = (days: number) => new Date(server.clock.now() + days * 86_400_000).toISOString()

/** A pass that ends in ten days and makes others. */
async function creator(fields: Record<string, unknown> = {}) {
  const project = await server.createProject()
  const end = inDays(10)
  const pass = await server.createPass(project, {
    ...{ title: 'Maker', scopes: ['passes:write', 'read'], permissions: ['read'], validUntil: end },
    ...fields,
  })
  const token = await server.fetchToken(pass.credentials)
  const byToken = managementOf(server, project, { Authorization: `Bearer ${token}` })
  const byKey = managementOf(server, project)
  const make = async (more: Record<string, unknown> = {}) => {
    const { status, body } = await byToken.create({ ...WITHIN, ...more })
    expect(status).toBe(201)
    return { ...body.data, credentials: body.meta.credentials }
  }
  const as = async (role: Role) => {
    const { email } = await createUser(server, { [project.organizationId]: role })
    return managementOf(server, project, (await signIn(server, email)).headers)
  }
  const attributesOf = async (id: string) => (await byKey.read(id)).body.data.attributes
  return { project, pass, end, byToken, byKey, make, as, attributesOf }
}

describe('a pass that was made by a pass', () => {
  it('lasts no longer than that one, and is listed under it', async () => {
    const { pass, end, byKey, make } = await creator()
    const made = await make()
    expect(made.attributes).toMatchObject({
      validUntil: end,
      endsWithCreator: true,
      createdBy: { type: 'pass', id: pass.id, name: 'Maker' },
    })
    expect((await make({ validUntil: inDays(1) })).attributes.validUntil).toBe(inDays(1))
    for (const created_by_pass of [pass.id, pass.attributes.passId]) {
      const { body } = await byKey.list({ created_by_pass })
      expect([body.meta.total, body.data[0].attributes.createdBy.id]).toEqual([2, pass.id])
    }
    expect((await byKey.list({ created_by_pass: made.id })).body.meta.total).toBe(0)
  })

  it('lasts a year where that one never ends', async () => {
    const { make } = await creator({ validUntil: null })
    const { validFrom, validUntil } = (await make()).attributes
    expect(Date.parse(validUntil) - Date.parse(validFrom)).toBe(365 * 86_400_000)
  })

  it('is not made to last longer, to begin when that one has ended, or to go on without it', async () => {
    const { byToken, byKey } = await creator()
    for (const fields of [{ validUntil: inDays(11) }, { validUntil: null }, { endsWithCreator: false }]) {
      const { status, body } = await byToken.create({ ...WITHIN, ...fields })
      expect([fields, status, body.code]).toEqual([fields, 403, 'scope_not_grantable'])
    }
    const late = await byToken.create({ ...WITHIN, validFrom: inDays(11) })
    expect([late.status, pointersOf(late.body)]).toEqual([400, ['/sentinelPass/validFrom']])
    expect((await byKey.list()).body.meta.total).toBe(1)
  })

  it('is extended by nobody but an ADMIN, an OWNER or an API key', async () => {
    const { byToken, byKey, make, as, attributesOf } = await creator()
    const { id } = await make()
    for (const by of [byToken, await as('MEMBER')])
      for (const fields of [{ validUntil: inDays(11) }, { endsWithCreator: false }]) {
        const { status, body } = await by.update(id, fields)
        expect([fields, status, body.code]).toEqual([fields, 403, 'scope_not_grantable'])
      }
    expect((await attributesOf(id)).endsWithCreator).toBe(true)
    for (const by of [byKey, await as('ADMIN'), await as('OWNER')]) {
      const made = await make()
      const { body } = await by.update(made.id, { validUntil: inDays(400) })
      expect(body.data.attributes).toMatchObject({ validUntil: inDays(400), endsWithCreator: false })
    }
  })

  it('ends sooner, its tokens too and those that it made, when that one is made to, on every node', async () => {
    const { project, pass, byKey, make, attributesOf } = await creator()
    const [made, kept] = [await make(), await make()]
    await byKey.update(kept.id, { endsWithCreator: false })
    await byKey.update(made.id, { scopes: ['passes:write', 'read'] })
    const byMade = managementOf(server, project, {
      Authorization: `Bearer ${await server.fetchToken(made.credentials)}`,
    })
    const below = (await byMade.create(WITHIN)).body.data
    const token = await node.fetchToken(made.credentials)
    const before = await attributesOf(made.id)
    const soon = new Date(server.clock.now() + 60_000).toISOString()
    expect((await byKey.update(pass.id, { validUntil: soon })).status).toBe(200)
    for (const id of [made.id, below.id]) expect((await attributesOf(id)).validUntil).toBe(soon)
    expect((await attributesOf(kept.id)).validUntil).toBe(before.validUntil)
    server.clock.advance({ minutes: 1 })
    expect(await introspect(server, project, token)).toEqual({ active: false })
    expect((await requestToken(node, made.credentials)).status).toBe(401)
    expect((await requestToken(node, kept.credentials)).status).toBe(200)
  })

  it('ends when that one is deleted, on every node, and is still listed under it', async () => {
    const { project, pass, byKey, make, attributesOf } = await creator()
    const [made, later, kept] = [await make(), await make({ validFrom: inDays(2) }), await make()]
    await byKey.update(kept.id, { endsWithCreator: false })
    const tokens = [await node.fetchToken(made.credentials), await node.fetchToken(kept.credentials)]
    expect((await byKey.delete(pass.id)).status).toBe(204)
    expect(
      await Promise.all(tokens.map(async token => (await introspect(node, project, token)).active)),
    ).toEqual([false, true])
    expect((await requestToken(node, made.credentials)).status).toBe(401)
    expect((await attributesOf(made.id)).status).toBe('expired')
    expect((await attributesOf(later.id)).status).toBe('expired')
    expect((await attributesOf(kept.id)).status).toBe('expiring')
    const { body } = await byKey.list({ created_by_pass: pass.attributes.passId })
    expect(body.meta.total).toBe(3)
    expect(body.data[0].attributes.createdBy).toEqual({ type: 'pass', id: pass.id, name: 'Maker' })
  })

  it('is brought back by an ADMIN when that one is gone, without the tokens that ended with it', async () => {
    const { project, pass, byKey, make, as } = await creator()
    const made = await make()
    const token = await server.fetchToken(made.credentials)
    await byKey.delete(pass.id)
    expect((await (await as('MEMBER')).update(made.id, { validUntil: inDays(5) })).status).toBe(403)
    expect((await (await as('MEMBER')).update(made.id, { description: 'x' })).status).toBe(200)
    const { body } = await (await as('ADMIN')).update(made.id, { validUntil: inDays(5) })
    expect(body.data.attributes).toMatchObject({ status: 'expiring', endsWithCreator: false })
    expect(await introspect(server, project, token)).toEqual({ active: false })
    expect((await requestToken(server, made.credentials)).status).toBe(200)
  })

  it('goes on when that one is paused', async () => {
    const { pass, byKey, make } = await creator()
    const made = await make()
    await byKey.act(pass.id, 'revoke', { revokeTokens: true })
    expect((await requestToken(node, made.credentials)).status).toBe(200)
  })

  it('is on the audit trail where it ended with that one', async () => {
    const { project, pass, end, byKey, make } = await creator()
    const made = await make()
    await byKey.delete(pass.id)
    const { body } = await server.http.get(`${project.path}/audit_events`).set('Api-Key', project.apiKey)
    const event = body.data.find(
      (one: { attributes: { action: string } }) => one.attributes.action === 'pass.end_with_creator',
    )
    expect(event.attributes).toMatchObject({
      target: { type: 'pass', id: made.id },
      before: { validUntil: end },
      after: { validUntil: server.clock.date().toISOString() },
    })
  })
})

describe('endsWithCreator', () => {
  it('is for a pass that a pass has made, within the end of that one', async () => {
    const { byKey, make } = await creator()
    const own = await byKey.create({ endsWithCreator: true })
    expect([own.status, pointersOf(own.body)]).toEqual([400, ['/sentinelPass/endsWithCreator']])
    const { id } = await make()
    await byKey.update(id, { validUntil: null })
    const beyond = await byKey.update(id, { endsWithCreator: true })
    expect([beyond.status, pointersOf(beyond.body)]).toEqual([400, ['/sentinelPass/endsWithCreator']])
    const { body } = await byKey.update(id, { endsWithCreator: true, validUntil: inDays(3) })
    expect(body.data.attributes.endsWithCreator).toBe(true)
  })
})

describe('a pass that outlasts another', () => {
  it('is given no secret, no keys and no later end by it, and is stopped by it all the same', async () => {
    const { project, byToken } = await creator()
    const lasting = await server.createPass(project, WITHIN)
    const jwks = { keys: [generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })] }
    for (const answer of [
      await byToken.act(lasting.id, 'rotate_key'),
      await byToken.update(lasting.id, { jwks }),
      await byToken.update(lasting.id, { validUntil: null }),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([403, 'scope_not_grantable'])
      expect(answer.body.detail).toContain('for longer than it lasts itself')
    }
    expect((await requestToken(server, lasting.credentials)).status).toBe(200)
    expect((await byToken.update(lasting.id, { description: 'x' })).status).toBe(200)
    expect((await byToken.update(lasting.id, { validUntil: inDays(20) })).status).toBe(200)
    expect((await byToken.act(lasting.id, 'revoke')).status).toBe(200)
  })
})
