import { generateKeyPairSync } from 'node:crypto'
import { managementOf, pointersOf } from '../support/management.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
let project: TestProject
let existing: string
beforeAll(async () => {
  server = await startServer()
  project = await server.createProject()
  existing = (await server.createPass(project)).id
})
afterAll(() => server.close())

const LONG = 'x'.repeat(2001)
const PRIVATE_KEY = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })

/** Keys that no assertion can be verified by: of other kinds, too short, or for another algorithm. */
const USELESS_KEYS = [
  ...[
    generateKeyPairSync('rsa', { modulusLength: 1024 }),
    generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
    generateKeyPairSync('x25519'),
  ].map(({ publicKey }) => publicKey.export({ format: 'jwk' })),
  { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), alg: 'ES256' },
]

/** Bad values of one field, with what the pointer says after the field when it is an entry of a list. */
const BAD: readonly (readonly [field: string, value: unknown, within?: string])[] = [
  ['title', ''],
  ['title', '   '],
  ['title', 'a'.repeat(101)],
  ['title', 'semi;colon'],
  ['title', 'under_score'],
  ['title', 'tab\tbed'],
  ['title', 'null\0byte'],
  ['title', '\ud800'],
  ['title', 7],
  ['title', null],
  ['agentType', ''],
  ['agentType', '--- ///'],
  ['agentType', ['a']],
  ['description', LONG],
  ['description', 1],
  ['description', 'null\0byte'],
  ['integrationNotes', LONG],
  ['integrationNotes', 1],
  ['passId', 'SP-2030-abc123'],
  ['passId', 'SP-2030-ABC12'],
  ['passId', 'SP-30-ABC123'],
  ['passId', 'XX-2030-ABC123'],
  ['passId', 'SP-2030-ABC123\n'],
  ['passId', null],
  ['accessLevel', 'root'],
  ['accessLevel', 'Standard'],
  ['accessLevel', 'constructor'],
  ['organization', ''],
  ['organization', 1],
  ['usageType', 'robot'],
  ['validFrom', 'tomorrow'],
  ['validFrom', '2030-02-30T00:00:00Z'],
  ['validFrom', '2030-01-01T00:00:00'],
  ['validFrom', '1969-12-31T23:59:59Z'],
  ['validFrom', 1_900_000_000],
  ['validFrom', null],
  ['validUntil', 'never'],
  ['validUntil', '+010000-01-01T00:00:00Z'],
  ['validUntil', ''],
  ['expiresAt', '2030-13-01'],
  ['expiresAt', 0],
  ['permissions', 7],
  ['permissions', ['read', 'wr ite'], '/1'],
  ['permissions', 'read,"write"', '/1'],
  ['permissions', [7], '/0'],
  ['permissions', null],
  ['scopes', ['back\\slash'], '/0'],
  ['scopes', ['é'], '/0'],
  ['scopes', [''], '/0'],
  ['scopes', { read: true }],
  ['allowedReferers', 'https://example.com/*'],
  ['allowedReferers', ['https://example.com/ *'], '/0'],
  ['allowedReferers', [''], '/0'],
  ['credentialType', 'password'],
  ['entityType', ''],
  ['entityId', ''],
  ['entityId', 42],
  ['tags', 'production'],
  ['tags', ['ok', ''], '/1'],
  ['tags', ['a,b'], '/0'],
  ['tags', [null], '/0'],
  ['tokenFormat', 'saml'],
  ['tokenTtl', 0],
  ['tokenTtl', -1],
  ['tokenTtl', 1.5],
  ['tokenTtl', '60'],
  ['tokenTtl', 901],
  ['tokenTtl', 1e12],
  ['resources', ['/relative'], '/0'],
  ['resources', ['https://api.example.com/#fragment'], '/0'],
  ['resources', ['api.example.com'], '/0'],
  ['resources', 'https://api.example.com'],
  ['allowedIps', ['203.0.113.256'], '/0'],
  ['allowedIps', ['203.0.113.0/33'], '/0'],
  ['allowedIps', ['2001:db8::/129'], '/0'],
  ['allowedIps', ['localhost'], '/0'],
  ['allowedIps', '203.0.113.7'],
  ['jwks', {}, '/keys'],
  ['jwks', { keys: [] }, '/keys'],
  ['jwks', { keys: [PRIVATE_KEY] }, '/keys/0'],
  ['jwks', { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }, '/keys/0'],
  ['jwks', { keys: [{ kty: 'oct' }] }, '/keys/0/kty'],
  ['jwks', { keys: [{ kty: 'RSA', n: 'AQAB', e: 'AQAB', p: 'AQAB' }] }, '/keys/0'],
  ['jwks', { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AA' }] }, '/keys/0'],
  ...USELESS_KEYS.map(key => ['jwks', { keys: [key] }, '/keys/0'] as const),
  ['visibility', 'public'],
  ['active', 'true'],
  ['active', null],
]

describe('a bad value of a field', () => {
  it.each(BAD)('is refused on create with its pointer: %s %j', async (field, value, within = '') => {
    const { body, status, type } = await managementOf(server, project).create({ [field]: value })
    expect({ status, type, code: body.code }).toEqual({
      status: 400,
      type: 'application/problem+json',
      code: 'validation_failed',
    })
    expect(pointersOf(body)).toEqual([`/sentinelPass/${field}${within}`])
    expect(body.errors[0].detail).toMatch(/\S/)
  })

  it.each(BAD)('is refused on update with its pointer: %s %j', async (field, value, within = '') => {
    const passes = managementOf(server, project)
    const before = await passes.read(existing)
    const { body, status } = await passes.update(existing, { [field]: value })
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' })
    expect(pointersOf(body)).toEqual([`/sentinelPass/${field}${within}`])
    expect((await passes.read(existing)).body).toEqual(before.body)
  })

  it.each(['allowedReferers', 'allowedIps', 'resources', 'tags', 'scopes', 'permissions'])(
    'is a list of more than 100 entries: %s',
    async field => {
      const entry = (n: number) =>
        field === 'allowedIps'
          ? `203.0.113.${n}`
          : field === 'resources'
            ? `https://example.com/${n}`
            : `entry${n}`
      const values = Array.from({ length: 101 }, (_, n) => entry(n))
      const { body, status } = await managementOf(server, project).create({ [field]: values })
      expect(status).toBe(400)
      expect(pointersOf(body)).toEqual([`/sentinelPass/${field}`])
    },
  )
})

describe('a title with other signs', () => {
  it.each([
    ['ci-bot', 'ci bot'],
    ['under_score', 'under score'],
    ['  «Ärzte»/Überblick!', 'Ärzte Überblick'],
  ])('is refused with one that would do: %s', async (title, like) => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create({ title })
    expect(body.errors).toEqual([
      {
        pointer: '/sentinelPass/title',
        detail: `must consist of letters, digits and spaces: “${like}” would do`,
      },
    ])
    expect((await passes.create({ title: like })).status).toBe(201)
  })

  it('is refused without one where nothing is left of it', async () => {
    const { body } = await managementOf(server, await server.createProject()).create({ title: '--' })
    expect(body.errors[0].detail).toBe('must consist of letters, digits and spaces')
  })
})
