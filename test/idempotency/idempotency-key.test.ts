import { startServer, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
let project: TestProject

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())
beforeEach(async () => {
  project = await server.createProject()
})

type Headers = Record<string, string>

/** What can be made with a key: where, with which body, and what in its answer is secret. */
const KINDS = [
  {
    path: 'sentinel_passes',
    body: { sentinelPass: { title: 'Once' } },
    other: { sentinelPass: { title: 'No' } },
  },
  {
    path: 'api_keys',
    body: { data: { attributes: { note: 'once' } } },
    other: { data: { attributes: { note: 'no' } } },
  },
]

const post = (path: string, key: string, body: object, headers: Headers = { 'Api-Key': project.apiKey }) =>
  server.http.post(`${project.path}/${path}`).set(headers).set('Idempotency-Key', key).send(body)

/** How many there are: of a new project, one API key and no pass. */
async function count(path: string): Promise<number> {
  const answer = await server.http.get(`${project.path}/${path}`).set('Api-Key', project.apiKey)
  return answer.body.data.length
}

describe.each(KINDS)('a repeated POST …/$path with an Idempotency-Key', ({ path, body, other }) => {
  it('acts once and is answered the same, credentials included', async () => {
    const before = await count(path)
    const first = await post(path, 'a', body)
    server.clock.advance({ minutes: 9 })
    const second = await post(path, 'a', body)
    expect([first.status, second.status]).toEqual([201, 201])
    expect(second.body).toEqual(first.body)
    for (const name of ['location', 'etag', 'cache-control', 'content-type'])
      expect([name, second.headers[name]]).toEqual([name, first.headers[name]])
    expect(await count(path)).toBe(before + 1)
  })

  it('is told what it made once the answer is no longer kept, and acts anew after 24 hours', async () => {
    const first = await post(path, 'b', body)
    server.clock.advance({ minutes: 10 })
    const late = await post(path, 'b', body)
    expect([late.status, late.body.code]).toEqual([409, 'idempotency_key_used'])
    expect(late.body.made).toBe(first.body.data.id)
    expect(late.body.detail).toContain(first.body.data.id)
    server.clock.advance({ hours: 23, minutes: 49, seconds: 59 })
    expect((await post(path, 'b', body)).status).toBe(409)
    server.clock.advance({ seconds: 1 })
    const anew = await post(path, 'b', body)
    expect(anew.status).toBe(201)
    expect(anew.body.data.id).not.toBe(first.body.data.id)
  })

  it('is refused with another body', async () => {
    await post(path, 'c', body)
    const before = await count(path)
    const answer = await post(path, 'c', other)
    expect([answer.status, answer.body.code]).toEqual([422, 'idempotency_key_mismatch'])
    expect(await count(path)).toBe(before)
  })

  it('is refused with a body that is nested without end, used before or not', async () => {
    expect((await post(path, 'deep', body)).status).toBe(201)
    for (const key of ['deep', 'deeper']) {
      const { status, body: refused } = await server.http
        .post(`${project.path}/${path}`)
        .set({ 'Api-Key': project.apiKey, 'Idempotency-Key': key, 'Content-Type': 'application/json' })
        .send(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
      expect([status, refused.code]).toEqual([400, 'malformed_body'])
    }
  })

  it('acts once when many come at once', async () => {
    const before = await count(path)
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(path, 'd', body)))
    expect(answers.map(answer => answer.status)).toEqual(Array(8).fill(201))
    expect(new Set(answers.map(answer => JSON.stringify(answer.body))).size).toBe(1)
    expect(await count(path)).toBe(before + 1)
  })

  it('acts for each without a key', async () => {
    const before = await count(path)
    for (let times = 0; times < 2; times += 1)
      await server.http.post(`${project.path}/${path}`).set('Api-Key', project.apiKey).send(body)
    expect(await count(path)).toBe(before + 2)
  })
})

const PASS = { sentinelPass: { title: 'Once' } }

describe('an Idempotency-Key', () => {
  it('is not used up by a request that was refused', async () => {
    const refused = await post('sentinel_passes', 'e', { sentinelPass: { title: '' } })
    expect(refused.status).toBe(400)
    expect((await post('sentinel_passes', 'e', PASS)).status).toBe(201)
  })

  it('is not used up by a pass id that is taken', async () => {
    const named = { sentinelPass: { title: 'Once', passId: 'SP-2030-ABCDEF' } }
    await post('sentinel_passes', 'f', named)
    expect((await post('sentinel_passes', 'g', named)).status).toBe(409)
    expect((await post('sentinel_passes', 'g', PASS)).status).toBe(201)
  })

  it('stands for one route', async () => {
    await post('api_keys', 'h', {})
    const answer = await post('sentinel_passes', 'h', PASS)
    expect([answer.status, answer.body.code]).toEqual([422, 'idempotency_key_mismatch'])
  })

  it('is of who sends it: nobody is answered the secret of somebody else', async () => {
    const first = await post('sentinel_passes', 'i', PASS)
    const made = await server.http.post(`${project.path}/api_keys`).set('Api-Key', project.apiKey).send({})
    const another = await post('sentinel_passes', 'i', PASS, { 'Api-Key': made.body.meta.secretKey })
    expect(another.status).toBe(201)
    expect(another.body.data.id).not.toBe(first.body.data.id)
    const elsewhere = await server.createProject('Elsewhere')
    const answer = await server.http
      .post(`${elsewhere.path}/sentinel_passes`)
      .set({ 'Api-Key': elsewhere.apiKey, 'Idempotency-Key': 'i' })
      .send(PASS)
    expect([answer.status, answer.body.data.id === first.body.data.id]).toEqual([201, false])
  })

  it('gives nothing to a key that has been deleted', async () => {
    const made = await server.http.post(`${project.path}/api_keys`).set('Api-Key', project.apiKey).send({})
    const headers = { 'Api-Key': made.body.meta.secretKey }
    await post('sentinel_passes', 'j', PASS, headers)
    await server.http.delete(`${project.path}/api_keys/${made.body.data.id}`).set('Api-Key', project.apiKey)
    expect((await post('sentinel_passes', 'j', PASS, headers)).status).toBe(401)
  })

  it('has 255 printable characters at most', async () => {
    expect((await post('sentinel_passes', 'k'.repeat(255), PASS)).status).toBe(201)
    for (const key of ['k'.repeat(256), 'k\tk', 'kä']) {
      const answer = await post('sentinel_passes', key, PASS)
      expect([answer.status, answer.body.errors]).toMatchObject([400, [{ parameter: 'Idempotency-Key' }]])
    }
  })

  it('leaves no secret in the database in the clear', async () => {
    const { body } = await post('sentinel_passes', 'l', PASS)
    const rows = await server.deps.database.query<{ sealed: string }>(
      `select encode(sealed_answer, 'escape') as sealed from idempotency_keys where key = 'l'`,
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]?.sealed).not.toContain(body.meta.credentials.clientSecret)
    expect(rows[0]?.sealed).not.toContain('sps_')
  })
})
