import { generateKeyPairSync } from 'node:crypto'
import { managementOf, pointersOf } from '../support/management.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const JWK = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
const START = '2030-06-01T00:00:00Z'
const END = '2030-07-01T00:00:00Z'

/** Bodies that are refused whole: the fields of the pass before, those that are sent, and what is at fault. */
const BETWEEN: readonly (readonly [
  rule: string,
  existing: Record<string, unknown>,
  sent: Record<string, unknown>,
  field: string,
])[] = [
  ['validUntil and expiresAt that differ', {}, { validUntil: END, expiresAt: '2030-07-02' }, 'expiresAt'],
  ['validUntil given and expiresAt null', {}, { validUntil: END, expiresAt: null }, 'expiresAt'],
  ['validUntil null and expiresAt given', {}, { validUntil: null, expiresAt: END }, 'expiresAt'],
  ['an end before the start', {}, { validFrom: END, validUntil: START }, 'validUntil'],
  ['an end before the start, as expiresAt', {}, { validFrom: END, expiresAt: START }, 'expiresAt'],
  ['an end that is the start', {}, { validFrom: START, validUntil: START }, 'validUntil'],
  ['a tokenTtl over that of basic', {}, { accessLevel: 'basic', tokenTtl: 301 }, 'tokenTtl'],
  ['a tokenTtl over that of premium', {}, { accessLevel: 'premium', tokenTtl: 3601 }, 'tokenTtl'],
  ['a tokenTtl over that of enterprise', {}, { accessLevel: 'enterprise', tokenTtl: 3601 }, 'tokenTtl'],
]
const AGAINST_EXISTING: typeof BETWEEN = [
  [
    'an end before the start that the pass has',
    { validFrom: START, validUntil: END },
    { validUntil: '2030-05-01' },
    'validUntil',
  ],
  [
    'a start after the end that the pass has',
    { validFrom: START, validUntil: END },
    { validFrom: '2030-08-01' },
    'validFrom',
  ],
  ['a tokenTtl over the level that the pass has', { accessLevel: 'basic' }, { tokenTtl: 301 }, 'tokenTtl'],
  [
    'a level under the tokenTtl that the pass has',
    { tokenTtl: 900 },
    { accessLevel: 'basic' },
    'accessLevel',
  ],
]

describe('faults between fields', () => {
  it.each(BETWEEN)('refuses %s on create', async (_rule, _existing, sent, field) => {
    const { body, status } = await managementOf(server, await server.createProject()).create(sent)
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' })
    expect(pointersOf(body)).toEqual([`/sentinelPass/${field}`])
  })

  it.each([...BETWEEN, ...AGAINST_EXISTING])('refuses %s on update', async (_rule, existing, sent, field) => {
    const passes = managementOf(server, await server.createProject())
    const created = await passes.create(existing)
    const { body, status } = await passes.update(created.body.data.id, sent)
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' })
    expect(pointersOf(body)).toEqual([`/sentinelPass/${field}`])
    const read = await passes.read(created.body.data.id)
    expect(read.body.data).toEqual(created.body.data)
  })

  it('refuses an end in the past of a new pass that starts now', async () => {
    const { body } = await managementOf(server, await server.createProject()).create({
      validUntil: '2020-01-01',
    })
    expect(pointersOf(body)).toEqual(['/sentinelPass/validUntil'])
  })

  it.each(['validUntil', 'expiresAt'])(
    'refuses a %s that has passed, on create and on update',
    async name => {
      const passes = managementOf(server, await server.createProject())
      const sent = { validFrom: '2020-01-01T00:00:00Z', [name]: server.clock.date().toISOString() }
      const { body: made } = await passes.create({})
      for (const { status, body } of [await passes.create(sent), await passes.update(made.data.id, sent)]) {
        expect([status, body.code, pointersOf(body)]).toEqual([
          400,
          'validation_failed',
          [`/sentinelPass/${name}`],
        ])
        expect(body.errors[0].detail).toContain('has passed')
      }
      expect((await passes.read(made.data.id)).body).toEqual({ data: made.data })
    },
  )

  it('refuses to take its keys from a pass that has no secret', async () => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create({ jwks: { keys: [JWK] } })
    const refused = await passes.update(body.data.id, { jwks: null })
    expect([refused.status, pointersOf(refused.body)]).toEqual([400, ['/sentinelPass/jwks']])
    await passes.act(body.data.id, 'rotate_key')
    expect((await passes.update(body.data.id, { jwks: null })).body.data.attributes.jwks).toBeNull()
  })

  it('refuses a start that leaves no room for the year of a default end', async () => {
    const passes = managementOf(server, await server.createProject())
    const { body, status } = await passes.create({ validFrom: '9999-06-01' })
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' })
    expect(pointersOf(body)).toEqual(['/sentinelPass/validFrom'])
    expect((await passes.create({ validFrom: '9999-06-01', validUntil: null })).status).toBe(201)
    expect((await passes.create({ validFrom: '9998-06-01' })).status).toBe(201)
  })

  it('takes validUntil and expiresAt that name the same instant', async () => {
    const end = { validUntil: '2030-07-01T02:00:00+02:00', expiresAt: END }
    const pass = await server.createPass(await server.createProject(), end)
    expect(pass.attributes.validUntil).toBe('2030-07-01T00:00:00.000Z')
  })

  it('takes the longest lifetime together with the level that allows it', async () => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create({ accessLevel: 'basic', tokenTtl: 300 })
    const updated = await passes.update(body.data.id, { accessLevel: 'enterprise', tokenTtl: 3600 })
    expect(updated.body.data.attributes).toMatchObject({ accessLevel: 'enterprise', tokenTtl: 3600 })
  })
})

describe('several faults', () => {
  const sent = {
    ...{ title: ';', usageType: 'robot', tags: ['ok', ''], unheardOf: 1, clientId: 'sp_mine' },
    ...{ validFrom: END, validUntil: START, accessLevel: 'basic', tokenTtl: 901 },
    resources: ['https://unregistered.example.com', 'no URI'],
  }
  const pointers = [
    ...[
      'clientId',
      'resources/0',
      'resources/1',
      'tags/1',
      'title',
      'tokenTtl',
      'unheardOf',
      'usageType',
      'validUntil',
    ],
  ].map(field => `/sentinelPass/${field}`)

  it('are all named at once on create', async () => {
    const { body, status } = await managementOf(server, await server.createProject()).create(sent)
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(pointers)
  })

  it('are all named at once on update', async () => {
    const project = await server.createProject()
    const { id } = await server.createPass(project)
    const { body, status } = await managementOf(server, project).update(id, sent)
    expect(status).toBe(400)
    expect(pointersOf(body)).toEqual(pointers)
  })

  it('are named where the body has them, when it is as answers are', async () => {
    const project = await server.createProject()
    const { id } = await server.createPass(project)
    const path = `${project.path}/sentinel_passes`
    const inAnswer = pointers.map(pointer => pointer.replace('/sentinelPass', '/data/attributes'))
    for (const asked of [server.http.post(path), server.http.put(`${path}/${id}`)]) {
      const { body, status } = await asked.set('Api-Key', project.apiKey).send({ data: { attributes: sent } })
      expect([status, pointersOf(body)]).toEqual([400, inAnswer])
    }
  })
})

describe('fields that are not to be set', () => {
  const NOT_SETTABLE = [
    ...['id', 'clientId', 'clientSecret', 'agentUserId', 'status', 'usageCount', 'lastUsedAt'],
    ...['lastRotatedAt', 'capabilities', 'accessIndicator', 'scopeDescriptions', 'secrets', 'createdAt'],
    ...['updatedAt', 'assetType', 'version', 'epoch', 'project', 'organizationName', 'unheard/of~'],
  ]
  const asPointer = (name: string) => `/sentinelPass/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`

  it.each(NOT_SETTABLE)('refuses %s on create', async name => {
    const { body, status } = await managementOf(server, await server.createProject()).create({ [name]: 'x' })
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' })
    expect(pointersOf(body)).toEqual([asPointer(name)])
  })

  it.each(NOT_SETTABLE)('refuses %s on update', async name => {
    const project = await server.createProject()
    const { id } = await server.createPass(project)
    const { body, status } = await managementOf(server, project).update(id, { [name]: 'x' })
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' })
    expect(pointersOf(body)).toEqual([asPointer(name)])
  })
})

describe('a pass that has expired', () => {
  it('is changed otherwise, its end sent back or not', async () => {
    const passes = managementOf(server, await server.createProject())
    const { body } = await passes.create({})
    const { validUntil, validFrom } = body.data.attributes
    server.clock.advance({ days: 400 })
    expect((await passes.update(body.data.id, { description: 'x' })).status).toBe(200)
    const answer = await passes.update(body.data.id, { validFrom, validUntil, description: 'y' })
    expect([answer.status, answer.body.data.attributes.status]).toEqual([200, 'expired'])
  })
})
