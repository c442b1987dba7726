import { createEmptyPlace, type TestPlace } from '../support/backend.ts'
import { endProcesses, paste, placeEnv, startProcess } from '../support/process.ts'
import { firstProject, remote } from '../support/remote.ts'

let place: TestPlace

beforeAll(async () => {
  place = await createEmptyPlace()
})
afterEach(endProcesses)
afterAll(async () => {
  await place.remove()
})

describe('the first start and those after it', () => {
  it('prints a key and three lines that work as they are, once, and finds everything again after a kill', async () => {
    const first = await startProcess(placeEnv(place))
    const project = firstProject(first.stdout())
    expect(project.lines).toHaveLength(3)
    expect(first.stdout().match(/^ +spk_\w+$/gm)).toHaveLength(1)

    const [pass = '', token = '', introspection = ''] = await paste(`${project.lines.join('\n')}\n`)
    const { data, meta } = JSON.parse(pass)
    expect(data.attributes).toMatchObject({ title: 'My first agent', status: 'active' })
    expect(JSON.parse(introspection)).toMatchObject({ active: true, client_id: meta.credentials.clientId })

    const { agentUserId } = meta.credentials
    const before = await remote(first.url, project).rows(agentUserId)
    expect(before).toMatchObject([{ activity_type: 'token_generation', success: true }])
    expect(before[0]?.metadata.token_id).toBe(JSON.parse(introspection).jti)

    const killed = await first.end('SIGKILL')
    expect(killed.code).toBeNull()
    // None of it is in the log of the server but what the first start says itself.
    expect(killed.stdout.split(project.apiKey)).toHaveLength(1 + 3)
    expect(killed.stdout + killed.stderr).not.toContain(meta.credentials.clientSecret)
    expect(killed.stdout + killed.stderr).not.toContain(token)

    const second = await startProcess(placeEnv(place))
    const api = remote(second.url, project)
    expect(await api.introspect(token)).toMatchObject({ active: true })
    expect(await api.rows(agentUserId)).toEqual(before)
    expect(await api.totalRequests(agentUserId)).toBe(1)
    await expect(api.fetchToken(meta.credentials)).resolves.toEqual(expect.any(String))

    const stopped = await second.end('SIGTERM')
    expect(stopped.code).toBe(0)
    expect(stopped.stdout).not.toMatch(/spk_|first start/)
  })
})
