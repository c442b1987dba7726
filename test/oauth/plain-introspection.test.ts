import { createResource } from '../support/resource-servers.ts'
import { startServer, type TestPass, type TestProject, type TestServer } from '../support/server.ts'
import { activityOf, basic, INTROSPECT, introspect, manage, REVOKE, sendForm } from './oauth-requests.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

interface Scene {
  readonly project: TestProject
  readonly caller: TestPass
  readonly pass: TestPass
  readonly token: string
}

interface Case {
  readonly what: string
  readonly fields?: Record<string, string>
  readonly pass?: Record<string, unknown>
  readonly grant?: Record<string, string>
  readonly headers?: Record<string, string>
  /** What happens to the token before it is asked about. @returns what is asked about instead */
  readonly before?: (scene: Scene) => Promise<string | undefined>
  readonly active: boolean
  /** Whether the short way answers. */
  readonly short: boolean
}

const act = (what: string, body?: object) => async (scene: Scene) => {
  await manage(server, scene.project, 'post', `${scene.pass.id}/${what}`, body)
  return undefined
}
const edit = (fields: object) => async (scene: Scene) => {
  await manage(server, scene.project, 'put', scene.pass.id, { sentinelPass: fields })
  return undefined
}

const CASES: readonly Case[] = [
  { what: 'a live token', active: true, short: true },
  {
    what: 'a live token with a hint',
    fields: { token_type_hint: 'refresh_token' },
    active: true,
    short: true,
  },
  {
    what: 'a live token and the call that it came with',
    fields: { endpoint: '/orders/1?x=y', http_method: 'post', client_ip: '192.0.2.7', user_agent: 'Ägent' },
    active: true,
    short: true,
  },
  { what: 'a call without a method', fields: { endpoint: '/orders' }, active: true, short: true },
  { what: 'a call that is not told well', fields: { http_method: 'GET' }, active: false, short: false },
  { what: 'a parameter that nobody knows', fields: { other: '1' }, active: true, short: false },
  {
    what: 'a call from an address that the pass may not be used from',
    pass: { allowedIps: ['127.0.0.1', '::1'] },
    fields: { endpoint: '/orders', client_ip: '192.0.2.7' },
    active: false,
    short: true,
  },
  { what: 'a token without a scope', pass: { scopes: [], permissions: [] }, active: true, short: true },
  { what: 'a token that was never granted', before: async () => 'spt_AQAA', active: false, short: true },
  { what: 'something that is no token', before: async () => 'x', active: false, short: true },
  {
    what: 'a token of another project',
    before: async () => {
      const pass = await server.createPass(await server.createProject())
      return server.fetchToken(pass.credentials)
    },
    active: false,
    short: true,
  },
  { what: 'a signed token', pass: { tokenFormat: 'jwt' }, active: true, short: false },
  { what: 'a token for this API', grant: { resource: 'API' }, active: true, short: true },
  { what: 'a token of a paused pass', before: act('revoke'), active: true, short: false },
  {
    what: 'a token of a pass whose tokens were ended',
    before: act('revoke', { revokeTokens: true }),
    active: false,
    short: false,
  },
  {
    what: 'a token of a pass that has changed',
    before: edit({ title: 'Another name' }),
    active: true,
    short: false,
  },
  {
    what: 'a token of a pass that was deleted',
    before: async scene => {
      await manage(server, scene.project, 'delete', scene.pass.id)
      return undefined
    },
    active: false,
    short: false,
  },
  {
    what: 'a token that was ended',
    before: async scene => {
      await sendForm(server, REVOKE, { token: scene.token }, { 'Api-Key': scene.project.apiKey })
      return undefined
    },
    active: false,
    short: false,
  },
  {
    what: 'a wrong secret',
    headers: basic({ clientId: 'sp_0123456789abcdefghijkl', clientSecret: `sps_${'a'.repeat(49)}` }),
    active: false,
    short: false,
  },
]

async function sceneOf({ pass: fields, grant }: Case): Promise<Scene> {
  const project = await server.createProject()
  const [caller, pass] = [await server.createPass(project), await server.createPass(project, fields)]
  // From its first request on, this process keeps a pass.
  await server.fetchToken(caller.credentials)
  const resource = grant?.resource === 'API' ? server.deps.config.apiBaseUrl : undefined
  const { clientId, clientSecret } = pass.credentials
  const granted = await server.http
    .post('/v1/api/oauth/token')
    .auth(clientId, clientSecret)
    .type('form')
    .send({ grant_type: 'client_credentials', ...(resource ? { resource } : {}) })
  return { project, caller, pass, token: granted.body.access_token }
}

/** What an answer and the rows behind it have in common, however they were made. */
async function ask(example: Case, scene: Scene, short: boolean) {
  const endpoint = server.deps.oauth.shortWay?.endpoints.get(INTROSPECT)
  if (!endpoint) throw new Error('There is no short way')
  const answerShortly = endpoint.answer.bind(endpoint)
  let answeredShortly = false
  const value: typeof answerShortly = async (...parameters) => {
    const answer = short ? await answerShortly(...parameters) : undefined
    answeredShortly = answer !== undefined
    return answer
  }
  const shown = (await example.before?.(scene)) ?? scene.token
  Object.defineProperty(endpoint, 'answer', { value, configurable: true })
  try {
    const answer = await introspect(server, scene.caller.credentials, shown, example.fields, example.headers)
    const { date: _date, 'x-request-id': _id, 'content-length': _length, ...headers } = answer.headers
    const rows = await Promise.all(
      [scene.caller, scene.pass].map(({ credentials }) =>
        activityOf(server, scene.project, credentials.agentUserId, { activity_type: 'api_request' }),
      ),
    )
    const ids = new Map([
      [scene.project.projectId, 'PROJECT'],
      [scene.project.organizationId, 'ORGANIZATION'],
      [scene.pass.credentials.clientId, 'CLIENT'],
      [scene.pass.credentials.agentUserId, 'AGENT'],
      [scene.caller.credentials.agentUserId, 'CALLER'],
      [scene.pass.attributes.passId, 'PASS'],
    ])
    const comparable = JSON.stringify(
      { status: answer.status, headers, body: answer.body, rows },
      (name, member) =>
        ['id', 'jti', 'token_id', 'secret_id', 'started_at', 'completed_at', 'duration_ms'].includes(name)
          ? typeof member
          : member,
    )
    const text = [...ids].reduce((all, [id, name]) => all.replaceAll(String(id), name), comparable)
    return { answer: JSON.parse(text), active: answer.body.active ?? false, answeredShortly }
  } finally {
    Reflect.deleteProperty(endpoint, 'answer')
  }
}

describe('the short way of an introspection', () => {
  it.each(CASES)('answers and records $what as the library does', async example => {
    const expected = await ask(example, await sceneOf(example), false)
    const actual = await ask(example, await sceneOf(example), true)
    expect(actual.answer).toEqual(expected.answer)
    expect(actual.active).toBe(example.active)
    expect(actual.answeredShortly).toBe(example.short)
  })

  it('says that a token for a resource server is live as long as the pass may name it', async () => {
    const project = await server.createProject()
    const resource = `https://api.example.com/${project.projectId}`
    const made = await createResource(server, project, { resource })
    const [caller, pass] = [
      await server.createPass(project),
      await server.createPass(project, { resources: [resource] }),
    ]
    await server.fetchToken(caller.credentials)
    const { clientId, clientSecret } = pass.credentials
    const granted = await server.http
      .post('/v1/api/oauth/token')
      .auth(clientId, clientSecret)
      .type('form')
      .send({ grant_type: 'client_credentials', resource })
    const asked = () => introspect(server, caller.credentials, granted.body.access_token)
    expect((await asked()).body).toMatchObject({ active: true, aud: resource })
    await server.http
      .delete(`${project.path}/resource_servers/${made.id}`)
      .set('Api-Key', project.apiKey)
      .expect(204)
    expect((await asked()).body).toEqual({ active: false })
  })

  it('is taken again from the next request on, when a pass has changed', async () => {
    const scene = await sceneOf({ what: '', active: true, short: true })
    const changed = { what: '', before: edit({ title: 'Another name' }), active: true, short: true }
    expect((await ask(changed, scene, true)).answeredShortly).toBe(false)
    expect(await ask({ what: '', active: true, short: true }, scene, true)).toMatchObject({
      active: true,
      answeredShortly: true,
    })
  })

  it('takes credentials from the body as well', async () => {
    const scene = await sceneOf({ what: '', active: true, short: true })
    const { clientId, clientSecret } = scene.caller.credentials
    const form = { token: scene.token, client_id: clientId, client_secret: clientSecret }
    expect((await sendForm(server, INTROSPECT, form)).body).toMatchObject({ active: true })
  })

  it('reads nothing', async () => {
    const scene = await sceneOf({ what: '', active: true, short: true })
    await introspect(server, scene.caller.credentials, scene.token)
    const { database } = server.deps
    const statements: string[] = []
    const ways = { query: 0, read: 0, queryPrepared: 1 } as const
    for (const [way, at] of Object.entries(ways)) {
      const real: (...parameters: unknown[]) => unknown = Reflect.get(database, way).bind(database)
      const value = (...parameters: unknown[]) => {
        statements.push(String(parameters[at]))
        return real(...parameters)
      }
      Object.defineProperty(database, way, { configurable: true, value })
    }
    try {
      expect((await introspect(server, scene.caller.credentials, scene.token)).body.active).toBe(true)
    } finally {
      for (const way of Object.keys(ways)) Reflect.deleteProperty(database, way)
    }
    expect(statements.filter(statement => !/record_batch|add_totals/.test(statement))).toEqual([])
  })
})
