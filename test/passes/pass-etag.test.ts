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

  it('stands for all that is shown, use included, and lets a change through whatever was used since', async () => {
    const before = await etagOf()
    await server.fetchToken(pass.credentials)
    const read = await manage.read(pass.id).set('If-None-Match', before)
    expect([read.status, read.body.data.attributes.usageCount]).toEqual([200, 1])
    expect(read.headers.etag).not.toBe(before)
    expect((await change(before)).status).toBe(200)
    expect((await change(String(read.headers.etag))).status).toBe(412)
  })

  it('stays, as all else does and the audit trail, with a change that changes nothing', async () => {
    const revoked = await manage.act(pass.id, 'revoke', { revokeTokens: true })
    const trail = () => server.http.get(`${project.path}/audit_events`).set('Api-Key', project.apiKey)
    const events = (await trail()).body.meta.total
    server.clock.advance({ minutes: 1 })
    const { title, scopes, validUntil } = revoked.body.data.attributes
    const repeats = [
      () => manage.act(pass.id, 'revoke', { revokeTokens: true }),
      () => manage.act(pass.id, 'revoke'),
      () => manage.update(pass.id, {}),
      () => manage.update(pass.id, { title, scopes, validUntil, active: false }),
    ]
    for (const repeat of repeats) {
      const answer = await repeat()
      expect([answer.status, answer.body, answer.headers.etag]).toEqual([
        200,
        revoked.body,
        revoked.headers.etag,
      ])
    }
    expect((await trail()).body.meta.total).toBe(events)
    const activated = await manage.act(pass.id, 'activate')
    server.clock.advance({ minutes: 1 })
    const again = await manage.act(pass.id, 'activate')
    expect([again.body, again.headers.etag]).toEqual([activated.body, activated.headers.etag])
    expect((await trail()).body.meta.total).toBe(events + 1)
  })

  it('changes when revoking ends tokens that a pause had left', async () => {
    const paused = await manage.act(pass.id, 'revoke')
    const ended = await manage.act(pass.id, 'revoke', { revokeTokens: true })
    expect(ended.headers.etag).not.toBe(paused.headers.etag)
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

  it('holds for every act: a stale one is refused with 412 and does nothing', async () => {
    const stale = await etagOf()
    await manage.update(pass.id, { description: 'first' })
    const before = (await manage.read(pass.id)).body
    const acts = [
      () => manage.act(pass.id, 'rotate_key'),
      () => manage.act(pass.id, 'revoke'),
      () => manage.act(pass.id, 'activate'),
      () => manage.delete(pass.id),
    ]
    for (const act of acts) {
      const answer = await act().set('If-Match', stale)
      expect([answer.status, answer.body.code]).toEqual([412, 'precondition_failed'])
    }
    expect((await manage.read(pass.id)).body).toEqual(before)
    for (const act of acts) expect((await act().set('If-Match', await etagOf())).status).toBeLessThan(300)
    expect((await manage.read(pass.id)).status).toBe(404)
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

  it('answers the pass once time has changed its status', async () => {
    const etag = await etagOf()
    server.clock.advance({ days: 340 })
    const answer = await manage.read(pass.id).set('If-None-Match', etag)
    expect([answer.status, answer.body.data?.attributes.status]).toEqual([200, 'expiring'])
    expect((await change(etag)).status).toBe(200)
  })

  it('answers the pass once it has changed', async () => {
    const etag = await etagOf()
    await manage.update(pass.id, { tags: ['a'] })
    const answer = await manage.read(pass.id).set('If-None-Match', etag)
    expect([answer.status, answer.body.data.attributes.tags]).toEqual([200, ['a']])
  })
})
