import { generateKeyPairSync } from 'node:crypto'
import type { Role } from '../../src/access/role.ts'
import { managementOf } from '../support/management.ts'
import { createResource } from '../support/resource-servers.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { createUser, signIn } from '../support/sign-in.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** What passes of the project may name: the second is not handed on. */
let resources: [string, string]
/** What the acting pass holds. */
const HELD = {
  title: 'Holder',
  scopes: ['passes:write', 'passes:read', 'read:data', 'write:data'],
  permissions: ['read', 'write', 'passes:read'],
  accessLevel: 'standard',
}
/** A pass within what the acting one holds. */
const WITHIN = { title: 'Other', scopes: ['read:data'], permissions: ['read'] }

const TOO_MUCH: readonly (readonly [what: string, fields: Record<string, unknown>, named: string])[] = [
  ['a scope that it lacks', { scopes: ['read:data', 'admin'] }, 'the scope admin'],
  ['a permission that it lacks', { permissions: ['read', 'admin'] }, 'the permission admin'],
  ['a higher access level', { accessLevel: 'premium' }, 'the access level premium'],
  ['passes:read, which it holds', { scopes: ['passes:read'] }, 'No pass grants passes:read,'],
  ['passes:write, which it holds', { scopes: ['passes:write'] }, 'No pass grants passes:write,'],
  ['activity:read', { scopes: ['activity:read'] }, 'No pass grants activity:read,'],
  ['a permission of this server’s own', { permissions: ['passes:read'] }, 'No pass grants passes:read,'],
]

async function holder(tokenScope?: string) {
  const project = await server.createProject()
  const base = `https://api.example.com/${project.projectId}`
  resources = [`${base}/v1`, `${base}/v2`]
  for (const resource of resources) await createResource(server, project, { resource })
  const pass = await server.createPass(project, { ...HELD, resources: [resources[0]] })
  const token = await server.fetchToken(pass.credentials, tokenScope)
  const byToken = managementOf(server, project, { Authorization: `Bearer ${token}` })
  return { project, pass, byToken, byKey: managementOf(server, project) }
}

describe('a pass that makes or changes another', () => {
  it('hands on all that it holds', async () => {
    const { byToken } = await holder()
    const most = {
      scopes: ['read:data', 'write:data'],
      permissions: ['read', 'write', 'read:data'],
      accessLevel: 'standard',
      resources: [resources[0]],
    }
    const { body, status } = await byToken.create(most)
    expect(status).toBe(201)
    expect(body.data.attributes).toMatchObject(most)
    expect((await byToken.update(body.data.id, { ...most, accessLevel: 'basic' })).status).toBe(200)
  })

  it('does not hand on a resource that it lacks', async () => {
    const { project, byToken } = await holder()
    const other = await server.createPass(project, WITHIN)
    const lacked = { resources: [resources[1]] }
    for (const answer of [
      await byToken.create({ ...WITHIN, ...lacked }),
      await byToken.update(other.id, lacked),
    ]) {
      expect([answer.status, answer.body.code]).toEqual([403, 'scope_not_grantable'])
      expect(answer.body.detail).toContain(`the resource ${resources[1]}`)
    }
  })

  it.each(TOO_MUCH)('does not hand on %s when it creates', async (_what, fields, named) => {
    const { byToken, byKey } = await holder()
    const { body, status } = await byToken.create({ ...WITHIN, ...fields })
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'scope_not_grantable' })
    expect(body.detail).toContain(named)
    expect((await byKey.list()).body.meta.total).toBe(1)
  })

  it.each(TOO_MUCH)('does not hand on %s when it edits', async (_what, fields, named) => {
    const { project, byToken, byKey } = await holder()
    const other = await server.createPass(project, WITHIN)
    const { body, status } = await byToken.update(other.id, fields)
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'scope_not_grantable' })
    expect(body.detail).toContain(named)
    expect((await byKey.read(other.id)).body.data.attributes).toEqual(other.attributes)
  })

  it.each(TOO_MUCH)('does not touch a pass that has %s', async (_what, fields) => {
    const { project, byToken, byKey } = await holder()
    const mightier = await server.createPass(project, { ...WITHIN, ...fields })
    const answers = [
      await byToken.update(mightier.id, { description: 'x' }),
      await byToken.update(mightier.id, WITHIN),
      await byToken.act(mightier.id, 'rotate_key'),
      await byToken.act(mightier.id, 'revoke'),
      await byToken.delete(mightier.id),
    ]
    expect(answers.map(answer => [answer.status, answer.body.code])).toEqual(
      answers.map(() => [403, 'scope_not_grantable']),
    )
    expect((await byKey.read(mightier.id)).body.data.attributes).toEqual(mightier.attributes)
  })

  it('is told of its own request when it comes twice at once with an Idempotency-Key', async () => {
    const { project, byToken } = await holder()
    const token = await server.fetchToken((await server.createPass(project, HELD)).credentials)
    const sentinelPass = { ...WITHIN, passId: 'SP-2030-TWICE1' }
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        server.http
          .post(`${project.path}/sentinel_passes`)
          .set({ Authorization: `Bearer ${token}`, 'Idempotency-Key': 'twice' })
          .send({ sentinelPass }),
      ),
    )
    expect(answers.map(answer => answer.status)).toEqual([201, 201, 201, 201])
    expect(new Set(answers.map(answer => answer.body.data.id)).size).toBe(1)
    expect((await byToken.create(sentinelPass)).body.code).toBe('pass_id_taken')
  })

  it('names all that is too much', async () => {
    const { byToken } = await holder()
    const { body } = await byToken.create({ ...WITHIN, scopes: ['admin'], accessLevel: 'enterprise' })
    expect(body.detail).toContain('the scope admin')
    expect(body.detail).toContain('the access level enterprise')
  })

  it('is told by which rule it may not hand on what it holds, beside what it does not hold', async () => {
    const { byToken } = await holder()
    const { body } = await byToken.create({ ...WITHIN, scopes: ['passes:read', 'admin'] })
    expect(body.detail).toBe(
      "No pass grants passes:read, or changes a pass that has them, whatever it holds itself: scopes of this server's own API are granted by an API key of the project, an ADMIN or an OWNER. A pass cannot hand on what it does not hold: the scope admin.",
    )
  })

  it('hands on only what its token was granted', async () => {
    const { byToken } = await holder('passes:write read:data')
    expect((await byToken.create({ ...WITHIN, scopes: ['read:data'] })).status).toBe(201)
    const { body, status } = await byToken.create({ ...WITHIN, scopes: ['write:data'] })
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'scope_not_grantable' })
  })

  it('hands on only what it still holds, whatever its token was granted', async () => {
    const { pass, byToken, byKey } = await holder()
    await byKey.update(pass.id, { scopes: ['passes:write', 'read:data'] })
    const { body, status } = await byToken.create({ ...WITHIN, scopes: ['write:data'] })
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'scope_not_grantable' })
    expect((await byToken.create(WITHIN)).status).toBe(201)
  })

  it('does not get the defaults granted that it lacks', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project, { scopes: ['passes:write'], permissions: ['read'] })
    const token = await server.fetchToken(pass.credentials)
    const byToken = managementOf(server, project, { Authorization: `Bearer ${token}` })
    const { body, status } = await byToken.create({})
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'scope_not_grantable' })
  })
})

describe('an API key', () => {
  it('grants this server’s own scopes', async () => {
    const own = { scopes: ['passes:read', 'passes:write', 'activity:read'] }
    const pass = await server.createPass(await server.createProject(), own)
    expect(pass.attributes).toMatchObject(own)
  })
})

describe('a MEMBER who edits a pass', () => {
  it('does not do by it what rotating, revoking and activating take an ADMIN for', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project)
    const byKey = managementOf(server, project)
    const as = async (role: Role) => {
      const { email } = await createUser(server, { [project.organizationId]: role })
      return managementOf(server, project, (await signIn(server, email)).headers)
    }
    const [member, admin] = [await as('MEMBER'), await as('ADMIN')]
    const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
    const changes = [{ active: false }, { jwks: { keys: [jwk] } }]
    for (const fields of changes) {
      const { body, status } = await member.update(pass.id, { description: 'mine', ...fields })
      expect({ status, code: body.code }).toEqual({ status: 403, code: 'forbidden' })
      expect(body.detail).toContain(Object.keys(fields)[0])
    }
    expect((await byKey.read(pass.id)).body.data.attributes).toMatchObject({ description: '', active: true })
    for (const fields of changes) expect((await admin.update(pass.id, fields)).status).toBe(200)
    // What stays as it is is no change.
    const { active, jwks } = (await byKey.read(pass.id)).body.data.attributes
    expect((await member.update(pass.id, { description: 'mine', active, jwks })).status).toBe(200)
  })
})
