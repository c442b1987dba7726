import { startServer, type TestServer } from '../support/server.ts'
import { introspectWithKey, isActive, manage, requestToken } from './oauth-requests.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

/** An instant this many seconds from now, as the API takes it. */
const inSeconds = (seconds: number): string => new Date(server.clock.now() + seconds * 1000).toISOString()

describe('how long a token lives', () => {
  it.each([
    ['basic', 300],
    ['standard', 900],
    ['premium', 3600],
    ['enterprise', 3600],
  ])('the longest that the level %s allows, when nothing is set', async (accessLevel, seconds) => {
    const { credentials } = await server.createPass(await server.createProject(), { accessLevel })

    expect((await requestToken(server, credentials)).body.expires_in).toBe(seconds)
  })

  it('what the pass sets', async () => {
    const { credentials } = await server.createPass(await server.createProject(), { tokenTtl: 120 })

    expect((await requestToken(server, credentials)).body.expires_in).toBe(120)
  })

  it('no longer than its level allows now, whatever was set when it allowed more', async () => {
    const project = await server.createProject()
    const { id, credentials } = await server.createPass(project, { tokenTtl: 120 })
    await server.deps.database.query('update passes set token_ttl = 3600, version = 2 where id = $1', [id])
    expect((await requestToken(server, credentials)).body.expires_in).toBe(900)
    const pass = await server.http.get(`${project.path}/sentinel_passes/${id}`).set('Api-Key', project.apiKey)
    expect(pass.body.data.attributes.tokenTtl).toBe(900)
  })

  it('never beyond the end of the pass', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project, { validUntil: inSeconds(60) })
    const answer = await requestToken(server, credentials)

    expect(answer.body.expires_in).toBe(60)
    const introspected = await introspectWithKey(server, project, answer.body.access_token)
    expect(introspected.body.exp).toBe(Math.floor(server.clock.now() / 1000) + 60)
  })

  it('as its level allows when the pass never ends', async () => {
    const { credentials } = await server.createPass(await server.createProject(), { validUntil: null })

    expect((await requestToken(server, credentials)).body.expires_in).toBe(900)
  })

  it('until the very second that was promised', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project, { tokenTtl: 120 })
    const token = await server.fetchToken(credentials)

    server.clock.advance({ seconds: 120, ms: -1 })
    expect(await isActive(server, project, token)).toBe(true)
    server.clock.advance({ ms: 1 })
    expect(await isActive(server, project, token)).toBe(false)
  })

  it('shorter, at once, when its pass is shortened', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project)
    const token = await server.fetchToken(pass.credentials)
    await manage(server, project, 'put', pass.id, { sentinelPass: { validUntil: inSeconds(30) } })

    const { body } = await introspectWithKey(server, project, token)
    expect(body.exp).toBe(Math.floor((server.clock.now() + 30_000) / 1000))
    server.clock.advance({ seconds: 30 })
    expect(await isActive(server, project, token)).toBe(false)
  })

  it('no longer for a pass that is extended after the grant', async () => {
    const project = await server.createProject()
    const pass = await server.createPass(project, { validUntil: inSeconds(60) })
    const token = await server.fetchToken(pass.credentials)
    await manage(server, project, 'put', pass.id, { sentinelPass: { validUntil: null } })

    server.clock.advance({ seconds: 60 })
    expect(await isActive(server, project, token)).toBe(false)
  })

  it('with less than a second of the pass left, not beyond it', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project, { validUntil: inSeconds(0.4) })
    const token = await server.fetchToken(credentials)

    server.clock.advance({ ms: 399 })
    expect(await isActive(server, project, token)).toBe(true)
    server.clock.advance({ ms: 1 })
    expect(await isActive(server, project, token)).toBe(false)
  })
})
