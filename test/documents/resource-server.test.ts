import { readFileSync } from 'node:fs'
import { createRemoteJWKSet, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import { requestToken } from '../oauth/oauth-requests.ts'
import { createResource } from '../support/resource-servers.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

const RESOURCE = 'https://ledger.example.com'

let server: TestServer
let project: TestProject
beforeAll(async () => {
  server = await startServer()
  project = await server.createProject()
  await createResource(server, project, { resource: RESOURCE, shared: true, tokenFormat: 'jwt' })
})
afterAll(() => server.close())

/** A block of code of the page for resource servers that begins so, at this server. */
function documented(beginning: string): string {
  const page = readFileSync('docs/resource-servers.md', 'utf8')
  const block = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code = '']) => code)
  const code = block.find(found => found.startsWith(beginning)) ?? ''
  expect(code).not.toBe('')
  return code.replaceAll('http://localhost:3000', server.url)
}

/** The function of the page that checks a signed token, at this server's time. */
function documentedCheck(): (token: string) => Promise<JWTPayload> {
  const imports = "import { createRemoteJWKSet, jwtVerify } from 'jose'\n"
  const code = documented(imports).replace(imports, '')
  const inTime = (token: string, keys: ReturnType<typeof createRemoteJWKSet>, options: JWTVerifyOptions) =>
    jwtVerify(token, keys, { ...options, currentDate: server.clock.date() })
  const make = new Function(
    'createRemoteJWKSet',
    'jwtVerify',
    'RESOURCE',
    'PROJECT_ID',
    `${code}; return check`,
  )
  return make(createRemoteJWKSet, inTime, RESOURCE, project.projectId)
}

type Introspect = (
  token: string,
  call?: Record<string, string>,
) => Promise<Record<string, unknown> | undefined>

/** The function of the page that introspects, with this API key. */
function documentedIntrospect(apiKey: string): Introspect {
  return new Function('API_KEY', `${documented('const ENDPOINT')}; return introspect`)(apiKey)
}

async function tokenOf(owner: TestProject, resource: string): Promise<string> {
  const { credentials } = await server.createPass(owner, { tokenFormat: 'jwt', resources: [resource] })
  return (await requestToken(server, credentials, { resource })).body.access_token
}

describe('the documented check of a signed token', () => {
  it('takes a token of its project for its resource', async () => {
    const payload = await documentedCheck()(await tokenOf(project, RESOURCE))
    expect(payload.aud).toBe(RESOURCE)
  })

  it('refuses a token for its resource that is of another project', async () => {
    const sibling = await server.createProject()
    const { organizationId } = project
    await server.deps.database.query('update projects set organization_id = $1 where id = $2', [
      organizationId,
      sibling.projectId,
    ])
    const path = `/v1/api/organizations/${organizationId}/projects/${sibling.projectId}`
    const token = await tokenOf({ ...sibling, organizationId, path }, RESOURCE)
    await expect(documentedCheck()(token)).rejects.toThrow('another project')
  })

  it('refuses a token that is for another resource', async () => {
    const token = await tokenOf(project, `${server.url}${project.path}`)
    await expect(documentedCheck()(token)).rejects.toThrow(/aud/)
  })
})

describe('the documented introspection', () => {
  it('tells of a live token, and puts the call on record', async () => {
    const { credentials } = await server.createPass(project)
    const token = (await requestToken(server, credentials)).body.access_token
    const call = { endpoint: '/orders/42', http_method: 'GET', client_ip: '203.0.113.7' }
    expect(await documentedIntrospect(project.apiKey)(token, call)).toMatchObject({
      active: true,
      client_id: credentials.clientId,
    })
    const rows = await server.deps.database.query(
      "select endpoint, status_code from activity where agent_user_id = $1 and activity_type = 'api_request'",
      [credentials.agentUserId],
    )
    expect(rows).toEqual([{ endpoint: '/orders/42', status_code: 200 }])
  })

  it('lets no token in that is not one, and says so when it was not answered', async () => {
    expect(await documentedIntrospect(project.apiKey)('spt_none')).toBeUndefined()
    await expect(documentedIntrospect('spk_none')('spt_none')).rejects.toThrow('answered 401')
  })
})
