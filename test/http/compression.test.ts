import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

interface RawAnswer {
  readonly headers: Record<string, unknown>
  readonly body: Buffer
}

/** What comes over the wire, which clients unpack before they show it. */
function fetchRaw(path: string, headers: Record<string, string>): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    request(`${server.url}${path}`, { headers }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }))
    })
      .on('error', reject)
      .end()
  })
}

async function projectWithPasses(count: number): Promise<TestProject> {
  const project = await server.createProject()
  for (let made = 0; made < count; made += 1) await server.createPass(project)
  return project
}

describe('an answer to a caller that takes gzip', () => {
  it('comes in gzip, as the same JSON, and says that it depends on Accept-Encoding', async () => {
    const project = await projectWithPasses(3)
    const path = `${project.path}/sentinel_passes`
    const plain = await fetchRaw(path, { 'Api-Key': project.apiKey })
    const packed = await fetchRaw(path, { 'Api-Key': project.apiKey, 'Accept-Encoding': 'br;q=1, gzip' })
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(packed.headers['content-encoding']).toBe('gzip')
    for (const { headers } of [plain, packed]) expect(headers.vary).toMatch(/\bAccept-Encoding\b/)
    expect(packed.body.length).toBeLessThan(plain.body.length / 2)
    expect(JSON.parse(gunzipSync(packed.body).toString())).toEqual(JSON.parse(plain.body.toString()))
  })

  it.each(['json', 'jsonl', 'csv'])('streams an export as %s', async format => {
    const project = await projectWithPasses(1)
    const { credentials } = await server.createPass(project)
    for (let fetched = 0; fetched < 5; fetched += 1) await server.fetchToken(credentials)
    const path = `${project.path}/activity/export?format=${format}`
    const plain = await fetchRaw(path, { 'Api-Key': project.apiKey })
    const packed = await fetchRaw(path, { 'Api-Key': project.apiKey, 'Accept-Encoding': 'gzip' })
    expect(packed.headers['content-encoding']).toBe('gzip')
    expect(packed.headers['content-length']).toBeUndefined()
    expect(gunzipSync(packed.body).toString()).toBe(plain.body.toString())
  })

  it.each(['', 'identity', 'gzip;q=0', 'br'])('comes as it is to who says "%s"', async accepted => {
    const project = await projectWithPasses(3)
    const headers = { 'Api-Key': project.apiKey, 'Accept-Encoding': accepted }
    const answer = await fetchRaw(`${project.path}/sentinel_passes`, headers)
    expect(answer.headers['content-encoding']).toBeUndefined()
    expect(JSON.parse(answer.body.toString()).data).toHaveLength(3)
  })

  it('comes as it is where its entity tag is strong: changes are made on the condition of it', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project, { description: 'long '.repeat(300) })
    const headers = { 'Api-Key': project.apiKey, 'Accept-Encoding': 'gzip' }
    const answer = await fetchRaw(`${project.path}/sentinel_passes/${pass.id}`, headers)
    expect(answer.headers.etag).toMatch(/^"/)
    expect(answer.headers['content-encoding']).toBeUndefined()
  })

  it('comes as it is where it is short', async () => {
    const project = await server.createProject()
    const headers = { 'Api-Key': project.apiKey, 'Accept-Encoding': 'gzip' }
    const answer = await fetchRaw(project.path, headers)
    expect(answer.headers['content-encoding']).toBeUndefined()
    expect(answer.headers.vary).toMatch(/\bAccept-Encoding\b/)
  })
})
