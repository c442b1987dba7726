import { generateKeyPairSync } from 'node:crypto'
import { managementOf } from '../support/management.ts'
import { createResource } from '../support/resource-servers.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const { kty, crv, x } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const JWKS = { keys: [{ kty, crv, x, kid: 'first', alg: 'EdDSA', use: 'sig' }] }

/** One good value of each field, none of them its default. */
const GOOD: readonly (readonly [name: string, value: unknown])[] = [
  ['title', 'Bestell Agent Größe 7 数据'],
  ['agentType', 'order_agent'],
  ['description', 'First line\nsecond <b>line</b> & "quotes" \u{1f680}'],
  ['integrationNotes', 'Runs nightly; see https://wiki.example.com'],
  ['passId', 'SP-2029-0A1B2C'],
  ['accessLevel', 'premium'],
  ['organization', 'Harbour & Sons'],
  ['usageType', 'mcp_server'],
  ['validFrom', '2030-01-02T03:04:05.678Z'],
  ['validUntil', '2035-01-02T03:04:05.678Z'],
  ['expiresAt', '2035-01-02T03:04:05.678Z'],
  ['permissions', ['read', 'admin:users']],
  ['scopes', ['read:data', 'https://api.example.com/write']],
  ['allowedReferers', ['https://app.example.com/*', 'https://*.example.org/']],
  ['credentialType', 'oauth_client'],
  ['entityType', 'workflow'],
  ['entityId', 'workflow 42'],
  ['tags', ['production', 'Team Ä']],
  ['tokenFormat', 'jwt'],
  ['tokenTtl', 120],
  ['allowedIps', ['203.0.113.7', '198.51.100.0/24', '2001:db8::1', '2001:db8::/32']],
  ['jwks', JWKS],
  ['visibility', 'privately_visible'],
  ['active', false],
]

describe('a good value of a field', () => {
  it('is stored and read back: resources, as their owner writes them', async () => {
    const project = await server.createProject()
    const resources = ['https://api.example.com/v1', 'urn:example:store']
    for (const resource of resources) await createResource(server, project, { resource })
    const passes = managementOf(server, project)
    const created = await passes.create({ resources: [`${resources[0]}/`, 'URN:Example:store'] })
    expect(created.body.data.attributes.resources).toEqual(resources)
    const { id } = (await passes.create({})).body.data
    expect((await passes.update(id, { resources })).body.data.attributes.resources).toEqual(resources)
    expect((await passes.read(id)).body.data.attributes.resources).toEqual(resources)
  })

  it.each(GOOD)('is stored on create and read back: %s', async (name, value) => {
    const passes = managementOf(server, await server.createProject())
    const created = await passes.create({ [name]: value })
    expect(created.status).toBe(201)
    expect(created.body.data.attributes[name]).toEqual(value)
    const read = await passes.read(created.body.data.id)
    expect(read.body.data.attributes[name]).toEqual(value)
  })

  it.each(GOOD)('is stored on update and read back: %s', async (name, value) => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create({})
    const updated = await passes.update(body.data.id, { [name]: value })
    expect(updated.status).toBe(200)
    expect(updated.body.data.attributes[name]).toEqual(value)
    const read = await passes.read(body.data.id)
    expect(read.body.data.attributes[name]).toEqual(value)
  })

  it.each([
    ['accessLevel', ['basic', 'standard', 'premium', 'enterprise']],
    ['credentialType', ['api_key', 'oauth_client', 'token']],
    ['tokenFormat', ['opaque', 'jwt']],
    [
      'usageType',
      [
        ...['ai_assistant', 'automation_tool', 'integration_service', 'mcp_server'],
        ...['api_client', 'data_processor', 'monitoring_system', 'other'],
      ],
    ],
  ])('can be each of the names of %s', async (name, values) => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create({})
    for (const value of values) {
      const updated = await passes.update(body.data.id, { [name]: value })
      expect(updated.body.data.attributes[name]).toBe(value)
    }
  })

  it.each([
    ['title', 'ä'.repeat(100)],
    ['title', '𝒜'.repeat(100)],
    ['description', '\u{1f680}'.repeat(2000)],
    ['integrationNotes', 'n'.repeat(2000)],
  ])('may be as long as the rule says, counted in characters: %s', async (name, value) => {
    const pass = await server.createPass(await server.createProject(), { [name]: value })
    expect(pass.attributes[name]).toBe(value)
  })
})

describe('an update', () => {
  it('changes the fields that are sent and no other', async () => {
    const passes = managementOf(server, await server.createProject())
    const created = await passes.create(Object.fromEntries(GOOD))
    server.clock.advance({ hours: 1 })
    const updated = await passes.update(created.body.data.id, { description: 'New' })
    expect(updated.body.data.attributes).toEqual({
      ...created.body.data.attributes,
      description: 'New',
      updatedAt: server.clock.date().toISOString(),
    })
  })

  it('keeps permissions and scopes apart: a change of one leaves the other', async () => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create({})
    const updated = await passes.update(body.data.id, { permissions: ['admin'] })
    expect(updated.body.data.attributes).toMatchObject({ permissions: ['admin'], scopes: ['read', 'write'] })
  })

  it('takes null for the level’s longest token lifetime and for no keys', async () => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create({ tokenTtl: 60, jwks: JWKS })
    expect((await passes.act(body.data.id, 'rotate_key')).status).toBe(200)
    const updated = await passes.update(body.data.id, { tokenTtl: null, jwks: null })
    expect(updated.body.data.attributes).toMatchObject({ tokenTtl: 900, jwks: null })
  })

  it('takes null for a pass that never expires', async () => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create({ validUntil: '2031-01-01T00:00:00Z' })
    const updated = await passes.update(body.data.id, { expiresAt: null })
    expect(updated.body.data.attributes).toMatchObject({ validUntil: null, expiresAt: null })
  })
})
