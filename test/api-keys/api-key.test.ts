import { randomUUID } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { pointersOf } from '../support/management.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The checksum by the rule of the form: CRC32 in base62, padded to six characters. */
function checksumOf(body: string): string {
  let rest = crc32(body)
  return Array.from({ length: 6 }, () => {
    const digit = ALPHABET.charAt(rest % 62)
    rest = Math.floor(rest / 62)
    return digit
  })
    .reverse()
    .join('')
}

function keysOf(project: TestProject) {
  const path = `${project.path}/api_keys`
  const { http } = server
  return {
    create: (attributes: object) =>
      http.post(path).set('Api-Key', project.apiKey).send({ data: { attributes } }),
    list: () => http.get(path).set('Api-Key', project.apiKey),
    delete: (id: string) => http.delete(`${path}/${id}`).set('Api-Key', project.apiKey),
  }
}

describe('making an API key', () => {
  it('answers the key once, with its note and end', async () => {
    const project = await server.createProject()
    const expiresAt = '2031-01-01T00:00:00.000Z'
    const answer = await keysOf(project).create({ note: 'Deployment', expiresAt })
    expect(answer.status).toBe(201)
    expect(answer.get('Cache-Control')).toBe('no-store')
    expect(answer.get('Location')).toBe(`${project.path}/api_keys/${answer.body.data.id}`)
    expect(answer.body).toEqual({
      data: {
        id: expect.any(String),
        type: 'api_key',
        attributes: {
          note: 'Deployment',
          expiresAt,
          createdAt: server.clock.date().toISOString(),
          lastUsedAt: null,
        },
      },
      meta: { secretKey: expect.any(String) },
    })
  })

  it('gives it the form and the checksum that secret scanners find', async () => {
    const { body } = await keysOf(await server.createProject()).create({})
    const { secretKey } = body.meta
    expect(secretKey).toMatch(/^spk_[0-9A-Za-z]{49}$/)
    expect(secretKey.slice(-6)).toBe(checksumOf(secretKey.slice(0, -6)))
  })

  it('needs neither a note nor an end', async () => {
    const { body, status } = await keysOf(await server.createProject()).create({})
    expect(status).toBe(201)
    expect(body.data.attributes).toMatchObject({ note: '', expiresAt: null })
  })

  it('gives another key each time', async () => {
    const keys = keysOf(await server.createProject())
    const [one, two] = [await keys.create({}), await keys.create({})]
    expect(one.body.meta.secretKey).not.toBe(two.body.meta.secretKey)
  })

  it.each([
    ['note', 'x'.repeat(501)],
    ['note', 7],
    ['note', 'null\0byte'],
    ['expiresAt', 'tomorrow'],
    ['expiresAt', '2020-01-01T00:00:00Z'],
    ['scopes', ['read']],
    ['secretKey', 'spk_mine'],
  ])('refuses a bad %s: %j', async (name, value) => {
    const keys = keysOf(await server.createProject())
    const { body, status } = await keys.create({ [name]: value })
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' })
    expect(pointersOf(body)).toEqual([`/data/attributes/${name}`])
    expect((await keys.list()).body.data).toHaveLength(1)
  })

  it('refuses an end that is now', async () => {
    const expiresAt = server.clock.date().toISOString()
    const { body } = await keysOf(await server.createProject()).create({ expiresAt })
    expect(pointersOf(body)).toEqual(['/data/attributes/expiresAt'])
  })

  it('names several faults at once', async () => {
    const keys = keysOf(await server.createProject())
    for (const expiresAt of ['tomorrow', '2020-01-01']) {
      const { body } = await keys.create({ note: 7, expiresAt, more: 1 })
      expect(pointersOf(body)).toEqual(['expiresAt', 'more', 'note'].map(name => `/data/attributes/${name}`))
    }
  })
})

describe('the list of API keys', () => {
  it('shows note, times and end of each, newest first', async () => {
    const keys = keysOf(await server.createProject('Harbour'))
    server.clock.advance({ minutes: 1 })
    await keys.create({ note: 'Second', expiresAt: '2031-01-01T00:00:00Z' })
    const { body, status } = await keys.list()
    expect(status).toBe(200)
    const shown = body.data.map((key: { attributes: { note: string } }) => key.attributes.note)
    expect(shown).toEqual(['Second', 'Harbour key'])
    expect(Object.keys(body.data[0].attributes).sort()).toEqual([
      'createdAt',
      'expiresAt',
      'lastUsedAt',
      'note',
    ])
  })

  it('never shows the key nor what is stored of it', async () => {
    const project = await server.createProject()
    const keys = keysOf(project)
    const { body } = await keys.create({ note: 'Secret' })
    const listed = await keys.list()
    expect(listed.text).not.toContain('spk_')
    expect(listed.text).not.toContain(body.meta.secretKey)
    expect(listed.text).not.toContain('digest')
    expect(listed.body.meta?.secretKey).toBeUndefined()
  })

  it('shows when a key was last used', async () => {
    const project = await server.createProject()
    const keys = keysOf(project)
    const { body } = await keys.create({ note: 'Used' })
    const lastUsedAt = async () => {
      const { body: listed } = await keys.list()
      return listed.data.find((key: { id: string }) => key.id === body.data.id).attributes.lastUsedAt
    }
    expect(await lastUsedAt()).toBeNull()
    for (const minutes of [1, 10]) {
      server.clock.advance({ minutes })
      await server.http.get(`${project.path}/sentinel_passes`).set('Api-Key', body.meta.secretKey)
      const usedAt = server.clock.date().toISOString()
      server.clock.advance({ minutes: 1 })
      expect(await lastUsedAt()).toBe(usedAt)
    }
  })

  it('shows those of its own project alone', async () => {
    const mine = keysOf(await server.createProject())
    const theirs = keysOf(await server.createProject())
    await theirs.create({ note: 'Theirs' })
    expect((await mine.list()).text).not.toContain('Theirs')
  })
})

describe('deleting an API key', () => {
  it('answers 204, and 404 the second time', async () => {
    const keys = keysOf(await server.createProject())
    const { body } = await keys.create({})
    const { status, text } = await keys.delete(body.data.id)
    expect({ status, text }).toEqual({ status: 204, text: '' })
    expect((await keys.delete(body.data.id)).status).toBe(404)
    expect((await keys.list()).body.data).toHaveLength(1)
  })

  it.each([randomUUID(), 'nonsense', '1'])('answers 404 to what is not there: %s', async id => {
    expect((await keysOf(await server.createProject()).delete(id)).status).toBe(404)
  })

  it('does not reach those of another project', async () => {
    const theirs = keysOf(await server.createProject())
    const { body } = await theirs.create({})
    const mine = keysOf(await server.createProject())
    expect((await mine.delete(body.data.id)).status).toBe(404)
    expect((await theirs.list()).body.data).toHaveLength(2)
  })
})
