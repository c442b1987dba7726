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
    read: (id: string) => http.get(`${path}/${id}`).set('Api-Key', project.apiKey),
    update: (id: string, attributes: object, headers: Record<string, string> = {}) =>
      http
        .put(`${path}/${id}`)
        .set({ 'Api-Key': project.apiKey, ...headers })
        .send({ data: { attributes } }),
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
          key: answer.body.meta.secretKey,
        },
      },
      meta: { secretKey: expect.stringMatching(/^spk_/) },
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

describe('reading an API key', () => {
  it('answers where its Location points, without the key', async () => {
    const project = await server.createProject()
    const made = await keysOf(project).create({ note: 'Deployment' })
    const read = await server.http.get(made.get('Location') ?? '').set('Api-Key', project.apiKey)
    const { key: _key, ...attributes } = made.body.data.attributes
    expect({ status: read.status, body: read.body }).toEqual({
      status: 200,
      body: { data: { ...made.body.data, attributes } },
    })
    expect(read.text).not.toContain('spk_')
    expect(read.get('ETag')).toBe(made.get('ETag'))
  })

  it.each([randomUUID(), 'nonsense'])('answers 404 to what is not there: %s', async id => {
    const keys = keysOf(await server.createProject())
    expect((await keys.read(id)).status).toBe(404)
    expect((await keys.update(id, { note: 'x' })).status).toBe(404)
  })

  it('does not reach those of another project, nor does a change', async () => {
    const theirs = await keysOf(await server.createProject()).create({ note: 'Theirs' })
    const mine = keysOf(await server.createProject())
    expect((await mine.read(theirs.body.data.id)).status).toBe(404)
    expect((await mine.update(theirs.body.data.id, { note: 'x' })).status).toBe(404)
  })
})

describe('changing an API key', () => {
  it('changes what is sent, leaves the rest, and takes null for no end', async () => {
    const keys = keysOf(await server.createProject())
    const { body } = await keys.create({ note: 'Old', expiresAt: '2031-01-01T00:00:00.000Z' })
    const noted = await keys.update(body.data.id, { note: 'New' })
    expect(noted.status).toBe(200)
    expect(noted.body.data.attributes).toMatchObject({ note: 'New', expiresAt: '2031-01-01T00:00:00.000Z' })
    const endless = await keys.update(body.data.id, { expiresAt: null })
    expect(endless.body.data.attributes).toMatchObject({ note: 'New', expiresAt: null })
    expect((await keys.read(body.data.id)).body).toEqual(endless.body)
  })

  it('counts at once: a key whose end has come is refused', async () => {
    const project = await server.createProject()
    const keys = keysOf(project)
    const { body } = await keys.create({})
    const end = new Date(server.clock.now() + 60_000).toISOString()
    expect((await keys.update(body.data.id, { expiresAt: end })).status).toBe(200)
    const use = () => server.http.get(project.path).set('Api-Key', body.meta.secretKey)
    expect((await use()).status).toBe(200)
    server.clock.advance({ minutes: 1 })
    expect((await use()).status).toBe(401)
  })

  it('is refused with a stale If-Match, as deleting is, and done with the current one', async () => {
    const project = await server.createProject()
    const keys = keysOf(project)
    const made = await keys.create({ note: 'One' })
    const { id } = made.body.data
    const first = { 'If-Match': made.get('ETag') ?? '' }
    const changed = await keys.update(id, { note: 'Two' }, first)
    expect(changed.status).toBe(200)
    const stale = await keys.update(id, { note: 'Three' }, first)
    expect([stale.status, stale.body.code]).toEqual([412, 'precondition_failed'])
    expect((await keys.delete(id).set(first)).status).toBe(412)
    expect((await keys.read(id)).body.data.attributes.note).toBe('Two')
    expect((await keys.delete(id).set('If-Match', changed.get('ETag') ?? '')).status).toBe(204)
  })

  it('keeps its tag when it is used, and makes no event where it changes nothing', async () => {
    const project = await server.createProject()
    const keys = keysOf(project)
    const made = await keys.create({ note: 'Same' })
    await server.http.get(project.path).set('Api-Key', made.body.meta.secretKey)
    const repeated = await keys.update(made.body.data.id, { note: 'Same' })
    expect(repeated.get('ETag')).toBe(made.get('ETag'))
    const events = await server.http.get(`${project.path}/audit_events`).set('Api-Key', project.apiKey)
    expect(
      events.body.data.map((event: { attributes: { action: string } }) => event.attributes.action).toSorted(),
    ).toEqual(['api_key.create', 'api_key.create', 'project.create'])
  })

  it.each([
    [{ expiresAt: '2020-01-01T00:00Z' }, '/data/attributes/expiresAt'],
    [{ expiresAt: 'tomorrow' }, '/data/attributes/expiresAt'],
    [{ note: 'x'.repeat(501) }, '/data/attributes/note'],
    [{ role: 'ADMIN' }, '/data/attributes/role'],
    [{ key: 'spk_x' }, '/data/attributes/key'],
  ])('is refused where it has faults: %j', async (attributes, pointer) => {
    const keys = keysOf(await server.createProject())
    const { body } = await keys.create({})
    const answer = await keys.update(body.data.id, attributes)
    expect({ status: answer.status, places: pointersOf(answer.body) }).toEqual({
      status: 400,
      places: [pointer],
    })
  })
})

describe('an API key that ends', () => {
  /** A key that is good for a day, and the keys of its project as it may manage them. */
  async function shortLived() {
    const project = await server.createProject()
    const expiresAt = new Date(server.clock.now() + 86_400_000)
    const made = await keysOf(project).create({ expiresAt: expiresAt.toISOString() })
    const own = { ...project, apiKey: made.body.meta.secretKey }
    return { project, expiresAt, id: made.body.data.id, keys: keysOf(own) }
  }

  it('makes none that outlives it: its own end counts where none is given', async () => {
    const { expiresAt, keys } = await shortLived()
    const plain = await keys.create({})
    expect(plain.body.data.attributes.expiresAt).toBe(expiresAt.toISOString())
    const sooner = new Date(expiresAt.getTime() - 1000).toISOString()
    expect((await keys.create({ expiresAt: sooner })).body.data.attributes.expiresAt).toBe(sooner)
    for (const later of [null, new Date(expiresAt.getTime() + 1).toISOString()]) {
      const { status, body } = await keys.create({ expiresAt: later })
      expect({ status, places: pointersOf(body) }).toEqual({
        status: 400,
        places: ['/data/attributes/expiresAt'],
      })
    }
  })

  it('lengthens neither itself nor another beyond its end', async () => {
    const { project, expiresAt, id, keys } = await shortLived()
    for (const later of [null, new Date(expiresAt.getTime() + 1).toISOString()])
      expect((await keys.update(id, { expiresAt: later })).status).toBe(400)
    const other = await keysOf(project).create({})
    expect((await keys.update(other.body.data.id, { expiresAt: null })).status).toBe(400)
    expect((await keys.update(other.body.data.id, { note: 'only noted' })).status).toBe(200)
    expect((await keysOf(project).update(id, { expiresAt: null })).status).toBe(200)
  })
})
