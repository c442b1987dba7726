import { introspect, introspectWithKey, isActive, manage } from '../oauth/oauth-requests.ts'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

const UNKNOWN_TOKEN = 'kq0yJ2vT8vYp0m3kX9Zr5nq7c1dW4bH6sLfGtEoAiUe'

describe('the introspection of any other token is exactly {"active":false}', () => {
  const inactive = async (project: Parameters<typeof introspectWithKey>[1], token: string) => {
    const answer = await introspectWithKey(server, project, token)
    expect([answer.status, answer.text]).toEqual([200, '{"active":false}'])
  }

  it.each([[UNKNOWN_TOKEN], ['x'], ['\u0000'], ['x'.repeat(5000)]])('unknown: %j', async token => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)

    const byPass = await introspect(server, credentials, token)
    expect([byPass.status, byPass.text]).toEqual([200, '{"active":false}'])
    await inactive(project, token)
  })

  it('of another project, for a pass and for an API key', async () => {
    const [project, other] = [await server.createProject(), await server.createProject()]
    const token = await server.fetchToken((await server.createPass(project)).credentials)
    const stranger = await server.createPass(other)

    const byPass = await introspect(server, stranger.credentials, token)
    expect([byPass.status, byPass.text]).toEqual([200, '{"active":false}'])
    await inactive(other, token)
    expect(await isActive(server, project, token)).toBe(true)
  })

  it('an API key or a client secret, which are no tokens', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)

    await inactive(project, project.apiKey)
    await inactive(project, credentials.clientSecret)
  })

  it('expired', async () => {
    const project = await server.createProject()
    const { credentials } = await server.createPass(project)
    const token = await server.fetchToken(credentials)
    server.clock.advance({ minutes: 15 })

    await inactive(project, token)
  })

  it('of a pass that was revoked with its tokens, also when it is active again', async () => {
    const project = await server.createProject()
    const { id, credentials } = await server.createPass(project)
    const token = await server.fetchToken(credentials)
    await manage(server, project, 'post', `${id}/revoke`, { revokeTokens: true })
    await inactive(project, token)

    await manage(server, project, 'post', `${id}/activate`)
    await inactive(project, token)
    expect(await isActive(server, project, await server.fetchToken(credentials))).toBe(true)
  })

  it('of a pass that was deleted', async () => {
    const project = await server.createProject()
    const { id, credentials } = await server.createPass(project)
    const token = await server.fetchToken(credentials)
    await manage(server, project, 'delete', id)

    await inactive(project, token)
  })
})

describe('a live token stays live', () => {
  it('when its pass is paused without a word of its tokens', async () => {
    const project = await server.createProject()
    const { id, credentials } = await server.createPass(project)
    const token = await server.fetchToken(credentials)
    await manage(server, project, 'post', `${id}/revoke`)

    expect(await isActive(server, project, token)).toBe(true)
  })

  it('when its pass is rotated', async () => {
    const project = await server.createProject()
    const { id, credentials } = await server.createPass(project)
    const token = await server.fetchToken(credentials)
    await manage(server, project, 'post', `${id}/rotate_key`)

    expect(await isActive(server, project, token)).toBe(true)
  })
})
