import { readFileSync } from 'node:fs'
import { createRemoteJWKSet, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import { createResource } from '../support/resource-servers.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'
import { requestToken } from './oauth-requests.ts'

const RESOURCE = 'https://ledger.example.com'

let server: TestServer
let project: TestProject
beforeAll(async () => {
  server = await startServer()
  project = await server.createProject()
  await createResource(server, project, { resource: RESOURCE, shared: true, tokenFormat: 'jwt' })
})
afterAll(() => server.close())

/** The function of the README that checks a token, as it stands there, at this server and its time. */
function verifierOfReadme(): (token: string) => Promise<JWTPayload> {
  const readme = readFileSync('README.md', 'utf8')
  const [, snippet = ''] =
    /```js\nimport \{ createRemoteJWKSet, jwtVerify \} from 'jose'\n([\s\S]*?)```/.exec(readme) ?? []
  const code = snippet.replaceAll('http://localhost:3000', server.url)
  expect(code).toContain('check')
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

async function tokenOf(owner: TestProject, resource: string): Promise<string> {
  const { credentials } = await server.createPass(owner, { tokenFormat: 'jwt', resources: [resource] })
  return (await requestToken(server, credentials, { resource })).body.access_token
}

describe('the verifier of the README', () => {
  it('takes a token of its project for its resource', async () => {
    const payload = await verifierOfReadme()(await tokenOf(project, RESOURCE))
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
    await expect(verifierOfReadme()(token)).rejects.toThrow('another project')
  })

  it('refuses a token that is for another resource', async () => {
    const token = await tokenOf(project, `${server.url}${project.path}`)
    await expect(verifierOfReadme()(token)).rejects.toThrow(/aud/)
  })
})
