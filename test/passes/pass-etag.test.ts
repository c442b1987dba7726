import { managementOf } from '../support/management.ts'
import { startServer, type TestPass, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
let project: TestProject
let manage: ReturnType<typeof managementOf>
let pass: TestPass

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.createProject()
  manage = managementOf(server, project)
  pass = await server.createPass(project)
})

const etagOf = async () => String((await manage.read(pass.id)).headers.etag)
const change = (ifMatch: string, fields: Record<string, unknown> = { description: 'changed' }) =>
  manage.update(pass.id, fields).set('If-Match', ifMatch)

describe('the ETag of a pass', () => {
  it('is strong, and the same by UUID and passId, in the answer that made it and in a read', async () => {
    const made = await manage.create({})
    const { id, attributes } = made.body.data
    expect(made.headers.etag).toMatch(/^"[\x21\x23-\x7e]+"$/)
    for (const name of [id, attributes.passId])
      expect((await manage.read(name)).headers.etag).toBe(made.headers.etag)
  })

  it('differs between passes', async () => {
    const other = await manage.create({})
    expect(other.headers.etag).not.toBe(await etagOf())
  })

  it('changes with every write, and the answer to the write has the new one', async () => {
    const writes = [
      () => manage.update(pass.id, { tags: ['a'] }),
      () => manage.act(pass.id, 'rotate_key'),
      () => manage.act(pass.id, 'revoke'),
      () => manage.act(pass.id, 'activate'),
    ]
    const seen = [await etagOf()]
    for (const write of writes) {
      const answer = await write()
      expect(answer.status).toBe(200)
      expect(answer.headers.etag).toBe(await etagOf())
      seen.push(String(answer.headers.etag))
    }
    expect(new Set(seen).size).toBe(seen.length)
  })

  it('stays while the pass is used', async () => {
    const before = await etagOf()
    await server.fetchToken(pass.credentials)
    const read = await manage.read(pass.id)
    expect([read.headers.etag, read.body.data.attributes.usageCount]).toEqual([before, 1])
  })
})

describe('If-Match', () => {
  it('lets a change through that knows the current state, by one of several tags or by *', async () => {
    expect((await change(await etagOf())).status).toBe(200)
    expect((await change(`"other", ${await etagOf()}`)).status).toBe(200)
    expect((await change('*')).status).toBe(200)
  })

  it('refuses a stale change with 412 and changes nothing', async () => {
    const stale = await etagOf()
    await manage.update(pass.id, { description: 'first' })
    const answer = await change(stale, { description: 'second' })
    expect([answer.status, answer.body.code]).toEqual([412, 'precondition_failed'])
    expect((await manage.read(pass.id)).body.data.attributes.description).toBe('first')
  })

  it('takes no weak tag and none that is not one', async () => {
    expect((await change(`W/${await etagOf()}`)).status).toBe(412)
    expect((await change('garbage')).status).toBe(412)
  })

  it('lets one of two changes through that know the same state', async () => {
    const known = await etagOf()
    const answers = await Promise.all([change(known, { tags: ['a'] }), change(known, { tags: ['b'] })])
    expect(answers.map(answer => answer.status).toSorted()).toEqual([200, 412])
  })

  it('tells nothing of a pass of another project', async () => {
    const other = await server.createPass(await server.createProject('Other'))
    const answer = await manage.update(other.id, { tags: [] }).set('If-Match', '"stale"')
    expect(answer.status).toBe(404)
  })
})

describe('If-None-Match', () => {
  it('answers 304 without a body while the pass is as the reader knows it', async () => {
    const etag = await etagOf()
    for (const known of [etag, `"other", W/${etag}`, '*']) {
      const answer = await manage.read(pass.id).set('If-None-Match', known)
      expect([known, answer.status, answer.text, answer.headers.etag]).toEqual([known, 304, '', etag])
    }
  })

  it('answers the pass once it has changed', async () => {
    const etag = await etagOf()
    await manage.update(pass.id, { tags: ['a'] })
    const answer = await manage.read(pass.id).set('If-None-Match', etag)
    expect([answer.status, answer.body.data.attributes.tags]).toEqual([200, ['a']])
  })
})
